// The demo web server: one page with the pod's name, its node and a count of requests; /healthz answers ok. Listens on 8080.
// On SIGTERM it takes what is already waiting, answers it, and ends with code 0.
#include "sys.h"

enum { PORT = 8080, MAX_CLIENTS = 128, REQUEST_BYTES = 2048, IDLE_MS = 10000, EAGAIN = 11 };
enum { AF_INET6 = 10, AF_INET = 2, SOCK_STREAM = 1, NONBLOCK = 04000, CLOEXEC = 02000000, SOL_SOCKET = 1, SO_REUSEADDR = 2 };
enum { POLLIN = 1 };

struct pollfd { int fd; short events, revents; };
struct client { unsigned used; char text[REQUEST_BYTES]; };
struct page { char text[4096]; size used; };

static struct pollfd fds[2 + MAX_CLIENTS]; // signals, listener, clients
static struct client clients[MAX_CLIENTS];
static unsigned long requests;
static char host[65];
static const char *node = "unknown";

static int begins(const char *s, const char *with) {
  while (*with) if (*s++ != *with++) return 0;
  return 1;
}

static void put(struct page *p, const char *s) {
  for (; *s && p->used < sizeof p->text - 1; s++) p->text[p->used++] = *s;
}

static void put_number(struct page *p, unsigned long n) {
  char digits[24];
  int at = sizeof digits - 1;
  digits[at] = 0;
  do digits[--at] = (char)('0' + n % 10); while (n /= 10);
  put(p, digits + at);
}

static void send_all(int fd, const struct page *p) {
  for (size done = 0; done < p->used;) {
    long n = sys(SYS_write, fd, p->text + done, p->used - done, 0);
    if (n <= 0) return; // answers fit into the socket's buffer: what does not go is a client that left
    done += (size)n;
  }
}

static void answer(int fd, const char *request) {
  static struct page body, head;
  body.used = head.used = 0;
  const char *status = "200 OK";
  if (begins(request, "GET /healthz ") || begins(request, "HEAD /healthz ")) put(&body, "ok\n");
  else if (!begins(request, "GET ") && !begins(request, "HEAD ")) { status = "405 Method Not Allowed"; put(&body, "only GET\n"); }
  else {
    put(&body, "Hello from kts!\npod:      "); put(&body, host);
    put(&body, "\nnode:     "); put(&body, node);
    put(&body, "\nrequests: "); put_number(&body, ++requests); put(&body, "\n");
  }
  put(&head, "HTTP/1.1 "); put(&head, status);
  put(&head, "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: "); put_number(&head, body.used);
  put(&head, "\r\n\r\n");
  if (!begins(request, "HEAD ")) { body.text[body.used] = 0; put(&head, body.text); }
  send_all(fd, &head);
}

static void drop(int i) {
  sys(SYS_close, fds[2 + i].fd, 0, 0, 0);
  fds[2 + i].fd = -1;
}

static int complete(const struct client *c) {
  for (unsigned i = 3; i < c->used; i++)
    if (c->text[i] == '\n' && c->text[i - 1] == '\r' && c->text[i - 2] == '\n') return 1;
  return c->used == REQUEST_BYTES - 1; // longer heads are answered by what came
}

static void serve(int i) {
  struct client *c = &clients[i];
  long n = sys(SYS_read, fds[2 + i].fd, c->text + c->used, REQUEST_BYTES - 1 - c->used, 0);
  if (n == -EAGAIN) return;
  if (n <= 0) { drop(i); return; }
  c->used += (unsigned)n;
  c->text[c->used] = 0;
  if (!complete(c)) return;
  answer(fds[2 + i].fd, c->text);
  drop(i);
}

static void accept_all(void) {
  for (int i = 0; i < MAX_CLIENTS; i++) {
    if (fds[2 + i].fd >= 0) continue;
    long fd = sys(SYS_accept4, fds[1].fd, 0, 0, NONBLOCK | CLOEXEC);
    if (fd < 0) return;
    fds[2 + i] = (struct pollfd){ (int)fd, POLLIN, 0 };
    clients[i].used = 0;
  }
}

static long listen_on(int family) {
  struct { unsigned short family, port; char rest[24]; } address = { (unsigned short)family, (PORT >> 8) | ((PORT & 255) << 8), { 0 } };
  long fd = sys(SYS_socket, family, SOCK_STREAM | NONBLOCK | CLOEXEC, 0, 0);
  if (fd < 0) return fd;
  int on = 1;
  call6(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, (long)&on, sizeof on, 0);
  if (sys(SYS_bind, fd, &address, family == AF_INET ? 16 : 28, 0) < 0 || sys(SYS_listen, fd, 512, 0, 0) < 0) return -1;
  return fd;
}

static int open_clients(void) {
  int n = 0;
  for (int i = 0; i < MAX_CLIENTS; i++) n += fds[2 + i].fd >= 0;
  return n;
}

ENTRY(run);
__attribute__((used)) static void run(long *stack) {
  char **env = (char **)(stack + 1) + stack[0] + 1;
  for (; *env; env++) if (begins(*env, "NODE_NAME=")) node = *env + 10;
  static char names[6 * 65];
  sys(SYS_uname, names, 0, 0, 0);
  memcpy(host, names + 65, 65);
  unsigned long set = BIT(SIGTERM) | BIT(SIGINT);
  sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, sizeof set);
  long listener = listen_on(AF_INET6);
  if (listener < 0) listener = listen_on(AF_INET);
  if (listener < 0) leave(1);
  fds[0] = (struct pollfd){ (int)sys(SYS_signalfd4, -1, &set, sizeof set, CLOEXEC), POLLIN, 0 };
  fds[1] = (struct pollfd){ (int)listener, POLLIN, 0 };
  for (int i = 0; i < MAX_CLIENTS; i++) fds[2 + i].fd = -1;
  int ending = 0;
  while (!ending || open_clients()) {
    long idle[2] = { ending ? 1 : IDLE_MS / 1000, 0 };
    long n = call6(SYS_ppoll, (long)fds, 2 + MAX_CLIENTS, (long)idle, 0, 0, 0);
    if (n == 0) { // nothing for a while: clients that send nothing are dropped
      for (int i = 0; i < MAX_CLIENTS; i++) if (fds[2 + i].fd >= 0) drop(i);
      continue;
    }
    if (fds[1].revents || (fds[0].revents && !ending)) accept_all();
    if (fds[0].revents && !ending) { ending = 1; sys(SYS_close, listener, 0, 0, 0); fds[0].fd = fds[1].fd = -1; fds[1].revents = 0; }
    for (int i = 0; i < MAX_CLIENTS; i++) if (fds[2 + i].fd >= 0 && fds[2 + i].revents) serve(i);
  }
  leave(0);
}
