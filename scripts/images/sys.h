// System calls of Linux without a C library, for the tiny programs of the built-in images (x86-64 and arm64).
#pragma once

typedef unsigned long size;

#if defined(__x86_64__)
enum { SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_ppoll = 271, SYS_rt_sigprocmask = 14, SYS_socket = 41, SYS_setsockopt = 54,
       SYS_bind = 49, SYS_listen = 50, SYS_accept4 = 288, SYS_wait4 = 61, SYS_exit_group = 231, SYS_uname = 63, SYS_rt_sigtimedwait = 128,
       SYS_signalfd4 = 289 };
static inline long call6(long n, long a, long b, long c, long d, long e, long f) {
  long r;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return r;
}
// The kernel starts a program with argc at the stack pointer, which is 16-byte aligned.
#define ENTRY(fn) __asm__(".globl _start\n_start:\n xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call " #fn "\n hlt\n")
#elif defined(__aarch64__)
enum { SYS_read = 63, SYS_write = 64, SYS_close = 57, SYS_ppoll = 73, SYS_rt_sigprocmask = 135, SYS_socket = 198, SYS_setsockopt = 208,
       SYS_bind = 200, SYS_listen = 201, SYS_accept4 = 242, SYS_wait4 = 260, SYS_exit_group = 94, SYS_uname = 160, SYS_rt_sigtimedwait = 137,
       SYS_signalfd4 = 74 };
static inline long call6(long n, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = n;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#define ENTRY(fn) __asm__(".globl _start\n_start:\n mov x29,#0\n mov x0,sp\n bl " #fn "\n")
#else
#error "this architecture is not supported"
#endif

#define sys(n, a, b, c, d) call6((n), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

enum { SIGINT = 2, SIGTERM = 15, SIGCHLD = 17, SIG_BLOCK = 0 };
#define BIT(sig) (1ul << ((sig) - 1))

static inline void leave(int code) {
  for (;;) sys(SYS_exit_group, code, 0, 0, 0);
}

// The compiler may ask for these even without a library.
void *memcpy(void *to, const void *from, size n) {
  for (size i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memset(void *to, int c, size n) {
  for (size i = 0; i < n; i++) ((char *)to)[i] = (char)c;
  return to;
}
