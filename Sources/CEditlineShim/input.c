// Bytes of the keyboard as characters; what a terminal pastes is told apart from what somebody types.
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wctype.h>

// A terminal sends the bytes of a key at once; a person needs longer for two keys.
enum { SEQUENCE_MILLISECONDS = 20, PASTE_MILLISECONDS = 2000, LONGEST_PASTE = 1 << 20 };

static unsigned char buffer[256];
static size_t first = 0, last = 0;

void input_flush(void) {
  first = last = 0;
  tcflush(STDIN_FILENO, TCIFLUSH);
}

/// - Returns: the next byte, -1 at the end, -2 when none comes in time.
static int next_byte(int milliseconds) {
  if (first < last) return buffer[first++];
  struct pollfd waited = {.fd = STDIN_FILENO, .events = POLLIN};
  int ready;
  while ((ready = poll(&waited, 1, milliseconds)) < 0 && errno == EINTR) {
  }
  if (ready == 0) return -2;
  ssize_t count;
  while ((count = read(STDIN_FILENO, buffer, sizeof buffer)) < 0 && errno == EINTR) {
  }
  if (count <= 0) return -1;
  first = 0;
  last = (size_t)count;
  return buffer[first++];
}

/// Whether these bytes come next; then they are taken.
static bool takes(const char *bytes) {
  size_t length = strlen(bytes);
  while (last - first < length) {
    // Only as long as what is there fits: a key of its own must not wait.
    if (memcmp(buffer + first, bytes, last - first) != 0) return false;
    struct pollfd waited = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&waited, 1, SEQUENCE_MILLISECONDS) <= 0) return false;
    memmove(buffer, buffer + first, last - first);
    last -= first;
    first = 0;
    ssize_t count = read(STDIN_FILENO, buffer + last, sizeof buffer - last);
    if (count <= 0) return false;
    last += (size_t)count;
  }
  if (memcmp(buffer + first, bytes, length) != 0) return false;
  first += length;
  return true;
}

/// Reads the rest of a paste up to its end mark. Every line end is one `\n`, a tab a blank, and what steers terminals or
/// editors is left out; the last line end is not typed: nothing runs before somebody presses Enter.
static void read_paste(void (*paste)(const wchar_t *)) {
  static const char mark[] = "\033[201~";
  size_t size = 0, room = 4096;
  char *bytes = malloc(room);
  while (bytes && size < LONGEST_PASTE) {
    int byte = next_byte(PASTE_MILLISECONDS);
    if (byte < 0) break;
    bytes[size++] = (char)byte;
    if (size >= sizeof mark - 1 && memcmp(bytes + size - (sizeof mark - 1), mark, sizeof mark - 1) == 0) {
      size -= sizeof mark - 1;
      break;
    }
    if (size + 1 == room) {
      char *grown = realloc(bytes, room *= 2);
      if (!grown) break;
      bytes = grown;
    }
  }
  wchar_t *text = calloc(size + 1, sizeof *text);
  if (bytes && text) {
    size_t length = 0, place = 0;
    mbstate_t state;
    memset(&state, 0, sizeof state);
    while (place < size) {
      wchar_t character;
      size_t used = mbrtowc(&character, bytes + place, size - place, &state);
      if (used == 0 || used > size - place) {
        memset(&state, 0, sizeof state);
        place++;
        continue;
      }
      place += used;
      if (character == L'\r') {
        if (place < size && bytes[place] == '\n') place++;
        character = L'\n';
      }
      if (character == L'\t') character = L' ';
      if (character == L'\n' || !iswcntrl((wint_t)character)) text[length++] = character;
    }
    while (length > 0 && text[length - 1] == L'\n') length--;
    text[length] = 0;
    if (paste) paste(text);
  }
  free(text);
  free(bytes);
}

struct input input_next(void (*paste)(const wchar_t *)) {
  struct input result = {.kind = INPUT_CHARACTER};
  char bytes[8];
  size_t count = 0;
  for (;;) {
    if (first == last && count == 0) {
      struct pollfd waited[2] = {
        {.fd = events_descriptor(), .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN},
      };
      if (poll(waited, 2, -1) < 0) {
        if (errno == EINTR) continue;
        result.kind = INPUT_END;
        return result;
      }
      char event = waited[0].revents ? events_next() : 0;
      if (event != 0) {
        result.kind = INPUT_EVENT;
        result.event = event;
        return result;
      }
      if (!waited[1].revents) continue;
    }
    int byte = next_byte(count == 0 ? -1 : SEQUENCE_MILLISECONDS);
    if (byte == -1) {
      result.kind = INPUT_END;
      return result;
    }
    if (byte == -2) {
      count = 0;
      continue;
    }
    if (byte == '\033' && count == 0 && takes("[200~")) {
      read_paste(paste);
      result.kind = INPUT_EVENT;
      result.event = 'p';
      return result;
    }
    bytes[count++] = (char)byte;
    mbstate_t state;
    memset(&state, 0, sizeof state);
    wchar_t character = 0;
    size_t used = mbrtowc(&character, bytes, count, &state);
    if (used == (size_t)-2 && count < sizeof bytes) continue;
    if (used == (size_t)-1 || used == (size_t)-2) {
      // No UTF-8: the byte is left out.
      count = 0;
      continue;
    }
    result.character = character;
    return result;
  }
}
