// What wakes the prompt: signals, and other threads.
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int pipe_ends[2] = {-1, -1};
static struct sigaction former[5];
static const int taken[5] = {SIGINT, SIGWINCH, SIGCONT, SIGTERM, SIGHUP};

static void send_event(char event) {
  int kept = errno;
  // A full pipe has enough to wake anybody.
  while (pipe_ends[1] >= 0 && write(pipe_ends[1], &event, 1) < 0 && errno == EINTR) {
  }
  errno = kept;
}

static void handle(int number) {
  switch (number) {
  case SIGINT: send_event('i'); break;
  case SIGWINCH: send_event('w'); break;
  case SIGCONT: send_event('c'); break;
  default: send_event('t'); break;
  }
}

bool events_open(void) {
  if (pipe(pipe_ends) != 0) return false;
  for (int end = 0; end < 2; end++) {
    fcntl(pipe_ends[end], F_SETFD, FD_CLOEXEC);
    fcntl(pipe_ends[end], F_SETFL, O_NONBLOCK);
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int index = 0; index < 5; index++) sigaction(taken[index], &action, &former[index]);
  return true;
}

void events_close(void) {
  for (int index = 0; index < 5; index++) sigaction(taken[index], &former[index], NULL);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  pipe_ends[0] = pipe_ends[1] = -1;
}

int events_descriptor(void) { return pipe_ends[0]; }

char events_next(void) {
  char event = 0;
  ssize_t count;
  while ((count = read(pipe_ends[0], &event, 1)) < 0 && errno == EINTR) {
  }
  return count == 1 ? event : 0;
}

void prompt_wake(void) { send_event('d'); }

int prompt_wait(int milliseconds) {
  for (;;) {
    char event = events_next();
    // A terminal that changes its size while a statement runs is asked for its size at each line.
    if (event == 'd' || event == 'i' || event == 't') return event;
    if (event != 0) continue;
    struct pollfd waited = {.fd = pipe_ends[0], .events = POLLIN};
    int ready = poll(&waited, 1, milliseconds);
    if (ready == 0) return 0;
    if (ready < 0 && errno != EINTR) return 't';
  }
}

// What waits to be shown above the line.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *waiting = NULL;

void prompt_announce(const char *lines) {
  pthread_mutex_lock(&lock);
  size_t known = waiting ? strlen(waiting) : 0;
  char *grown = realloc(waiting, known + strlen(lines) + 1);
  if (grown) {
    memcpy(grown + known, lines, strlen(lines) + 1);
    waiting = grown;
  }
  pthread_mutex_unlock(&lock);
  send_event('a');
}

char *events_announced(void) {
  pthread_mutex_lock(&lock);
  char *lines = waiting;
  waiting = NULL;
  pthread_mutex_unlock(&lock);
  return lines;
}
