/* What the container runtime executes as CNI plugin `kts`: hands the request to the agent's unix socket and prints the reply,
 * since starting Node for each pod costs far more. Started under the name `loopback` it brings up the loopback interface itself.
 * Protocol: CNI_* variables as NAME=VALUE, each ended by a NUL, an empty one ends the list, then standard input; the reply is
 * the exit code in decimal, a newline, and what goes to standard output. The TypeScript twin is src/agent/network/cni-client.ts. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef KTS_CNI_SOCKET
#define KTS_CNI_SOCKET "/run/kts/cni.sock"
#endif

enum {
  INPUT_MAX = 1 << 20, /* a configuration with a previous result is a few kB */
  REPLY_MAX = 1 << 20,
  TIMEOUT_S = 60 /* the agent answers in milliseconds; the runtime's own limit is minutes */
};

static char input[INPUT_MAX + 1];
static char reply[REPLY_MAX + 1];

/* Writes all of it; returns 0, or -1. */
static int put(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = write(fd, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    bytes += n;
    length -= (size_t)n;
  }
  return 0;
}

static void say(const char *text) { (void)put(1, text, strlen(text)); }

/* Reads to the end; returns the length, or -1 when it fails or does not fit. */
static ssize_t get(int fd, char *buffer, size_t size) {
  size_t length = 0;
  for (;;) {
    ssize_t n = read(fd, buffer + length, size - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    length += (size_t)n;
    if (length == size) return -1;
  }
  buffer[length] = 0;
  return (ssize_t)length;
}

/* Copies the first string member `name` of the configuration, unescaped values only; returns 0 when there is none that fits. */
static int member(const char *name, char *value, size_t size) {
  const char *at = strstr(input, name);
  if (!at) return 0;
  at += strlen(name);
  at += strspn(at, " \t\r\n");
  if (*at++ != ':') return 0;
  at += strspn(at, " \t\r\n");
  if (*at++ != '"') return 0;
  size_t length = strcspn(at, "\"\\");
  if (at[length] != '"' || length >= size) return 0;
  memcpy(value, at, length);
  value[length] = 0;
  return 1;
}

static char version[32];

/* Prints a CNI error and returns the exit code. `code` is a number of the CNI specification. */
static int fail(const char *code, const char *message, int error) {
  say("{\"cniVersion\":\"");
  say(version);
  say("\",\"code\":");
  say(code);
  say(",\"msg\":\"");
  say(message);
  say("\",\"details\":\"");
  if (error) say(strerror(error));
  say("\"}\n");
  return 1;
}

static int loopback(const char *command) {
  const char *netns = getenv("CNI_NETNS");
  if (strcmp(command, "ADD") != 0 && strcmp(command, "CHECK") != 0) return 0; /* lo goes with its namespace */
  int ns = open(netns ? netns : "", O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) return fail("4", "cannot enter CNI_NETNS", errno);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0) return fail("101", "cannot read the loopback interface", errno);
  if (strcmp(command, "CHECK") == 0) return request.ifr_flags & IFF_UP ? 0 : fail("102", "the loopback interface is down", 0);
  request.ifr_flags |= IFF_UP;
  if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) return fail("101", "cannot set the loopback interface up", errno);
  say("{\"cniVersion\":\"");
  say(version);
  say("\",\"interfaces\":[{\"name\":\"lo\",\"mac\":\"00:00:00:00:00:00\",\"sandbox\":\"");
  for (const char *c = netns; *c; c++) {
    if (*c == '"' || *c == '\\') say("\\");
    (void)put(1, c, 1);
  }
  say(strncmp(version, "0.", 2) ? "\"}],\"ips\":[{" : "\"}],\"ips\":[{\"version\":\"4\",");
  say("\"address\":\"127.0.0.1/8\",\"interface\":0}],\"dns\":{}}\n");
  return 0;
}

static int dial(const char *path) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {TIMEOUT_S, 0};
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) return -1;
  return connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : fd;
}

static int ask(const char *path, const char *bytes, size_t length) {
  static const char *const names[] = {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH"};
  int fd = dial(path);
  if (fd < 0) return fail("11", "the kts agent is not running: try again later", errno);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (!value) continue;
    if (put(fd, names[i], strlen(names[i])) || put(fd, "=", 1) || put(fd, value, strlen(value) + 1))
      return fail("11", "the kts agent went away: try again later", errno);
  }
  if (put(fd, "", 1) || put(fd, bytes, length) || shutdown(fd, SHUT_WR) < 0)
    return fail("11", "the kts agent went away: try again later", errno);
  ssize_t got = get(fd, reply, REPLY_MAX);
  char *end = got > 0 ? strchr(reply, '\n') : 0;
  if (!end) return fail("11", "the kts agent gave no answer: try again later", got < 0 ? errno : 0);
  *end++ = 0;
  if (put(1, end, (size_t)got - (size_t)(end - reply))) return 1;
  return atoi(reply);
}

int main(int argc, char **argv) {
  const char *name = argc > 0 ? strrchr(argv[0], '/') : 0;
  const char *command = getenv("CNI_COMMAND");
  char socket_path[108];
  ssize_t length = get(0, input, INPUT_MAX);
  signal(SIGPIPE, SIG_IGN); /* an agent that goes away is an error to report */
  name = name ? name + 1 : argc > 0 ? argv[0] : "";
  if (!member("\"cniVersion\"", version, sizeof version)) strcpy(version, "0.3.1");
  if (length < 0) return fail("5", "the network configuration cannot be read", errno);
  if (!command) return fail("4", "CNI_COMMAND is not set", 0);
  if (strcmp(command, "VERSION") == 0) {
    say("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n");
    return 0;
  }
  if (strcmp(name, "loopback") == 0) return loopback(command);
  if (!member("\"socket\"", socket_path, sizeof socket_path)) strcpy(socket_path, KTS_CNI_SOCKET);
  return ask(socket_path, input, (size_t)length);
}
