// The process that holds a pod's namespaces: it sleeps, reaps what is re-parented to it (with a shared process namespace it is
// process 1) and ends on SIGTERM or SIGINT. Signals are blocked and waited for: for process 1 an unhandled one would be dropped.
#include "sys.h"

enum { WNOHANG = 1 };

ENTRY(run);
__attribute__((used)) static void run(void) {
  unsigned long set = BIT(SIGINT) | BIT(SIGTERM) | BIT(SIGCHLD);
  sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, sizeof set);
  for (;;) {
    long sig = sys(SYS_rt_sigtimedwait, &set, 0, 0, sizeof set);
    if (sig == SIGINT || sig == SIGTERM) leave(0);
    if (sig == SIGCHLD)
      while (sys(SYS_wait4, -1, 0, WNOHANG, 0) > 0) continue;
  }
}
