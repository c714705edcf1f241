// The line editor.
#include "internal.h"

#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static EditLine *editor = NULL;
static History *history_list = NULL;
static const char *prompt_text = "";
static prompt_complete completer = NULL;
static void *completer_context = NULL;
static bool answers = false;
static enum prompt_outcome stopped_by = PROMPT_TEXT;
static struct termios before;
static bool has_before = false;

int prompt_columns(void) {
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int prompt_rows(void) {
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

static char *shown_prompt(EditLine *ignored) {
  (void)ignored;
  return (char *)(uintptr_t)prompt_text;
}

// MARK: Where the cursor is

struct place {
  int row, column;
};

static void walk(struct place *place, wchar_t character, int columns) {
  if (character == L'\n') {
    place->row++;
    place->column = 0;
    return;
  }
  int width = wcwidth(character);
  if (width < 0) width = 2;
  if (place->column + width > columns) {
    place->row++;
    place->column = 0;
  }
  place->column += width;
  if (place->column >= columns) {
    place->row++;
    place->column = 0;
  }
}

/// The places of the cursor, or of the line's end, counted from the beginning of the prompt.
static struct place where(bool isEnd) {
  int columns = prompt_columns();
  if (columns <= 0) columns = 80;
  struct place place = {0, 0};
  bool isVisible = true;
  const char *rest = prompt_text;
  mbstate_t state;
  memset(&state, 0, sizeof state);
  while (*rest) {
    wchar_t character;
    size_t used = mbrtowc(&character, rest, strlen(rest), &state);
    if (used == 0 || used == (size_t)-1 || used == (size_t)-2) break;
    rest += used;
    if (character == 1) isVisible = !isVisible;
    else if (isVisible) walk(&place, character, columns);
  }
  const LineInfoW *line = el_wline(editor);
  const wchar_t *end = isEnd ? line->lastchar : line->cursor;
  for (const wchar_t *character = line->buffer; character < end; character++) walk(&place, *character, columns);
  return place;
}

/// Draws prompt and line anew where the cursor stands now, at the beginning of an empty row.
static void draw(void) { el_set(editor, EL_REFRESH); }

/// Takes prompt and line from the screen; the cursor stands where the prompt began.
static void erase(void) {
  int rows = where(false).row;
  fputc('\r', stdout);
  if (rows > 0) fprintf(stdout, "\033[%dA", rows);
  fputs("\033[J", stdout);
  fflush(stdout);
}

/// Puts the cursor below the line.
static void go_below(void) {
  int rows = where(true).row - where(false).row;
  for (int row = 0; row <= rows; row++) fputc('\n', stdout);
  fputc('\r', stdout);
}

static void announce(void) {
  char *lines = events_announced();
  if (!lines) return;
  erase();
  fputs(lines, stdout);
  fflush(stdout);
  free(lines);
  draw();
}

// MARK: Reading

static void pasted(const wchar_t *text) {
  // An answer is typed: nothing that was copied somewhere says yes.
  if (answers) return;
  erase();
  el_winsertstr(editor, text);
  draw();
}

static int next_character(EditLine *ignored, wchar_t *character) {
  (void)ignored;
  for (;;) {
    struct input input = input_next(pasted);
    if (input.kind == INPUT_CHARACTER) {
      *character = input.character;
      return 1;
    }
    if (input.kind == INPUT_END) {
      stopped_by = PROMPT_END;
      return -1;
    }
    switch (input.event) {
    case 'i':
      stopped_by = PROMPT_INTERRUPTED;
      go_below();
      fflush(stdout);
      return -1;
    case 't':
      stopped_by = PROMPT_TERMINATED;
      go_below();
      fflush(stdout);
      return -1;
    case 'w':
      // Terminals wrap lines anew, each in its way: from the row of the cursor on everything is drawn again.
      erase();
      el_resize(editor);
      draw();
      break;
    case 'c':
      // The shell has put its own modes back: libedit must take them for what they are before it sets its own.
      el_set(editor, EL_PREP_TERM, 0);
      el_set(editor, EL_PREP_TERM, 1);
      draw();
      break;
    case 'a': announce(); break;
    default: break;
    }
  }
}

static unsigned char complete(EditLine *ignored, int key) {
  (void)ignored;
  (void)key;
  if (answers || !completer) return CC_ERROR;
  const LineInfo *line = el_line(editor);
  size_t length = (size_t)(line->lastchar - line->buffer);
  char *text = malloc(length + 1);
  if (!text) return CC_ERROR;
  memcpy(text, line->buffer, length);
  text[length] = 0;
  struct prompt_completion found = completer(completer_context, text, (size_t)(line->cursor - line->buffer));
  free(text);
  unsigned char result = found.inserted || found.listing ? CC_REFRESH : CC_ERROR;
  if (found.listing) {
    go_below();
    fputs(found.listing, stdout);
    fflush(stdout);
  }
  if (found.removed > 0) el_deletestr(editor, (int)found.removed);
  if (found.inserted) el_insertstr(editor, found.inserted);
  if (found.listing) {
    draw();
    result = CC_NORM;
  }
  free(found.inserted);
  free(found.listing);
  return result;
}

/// Whether the user's `.editrc` has given a key something to do.
static void bind_keys(void) {
  el_set(editor, EL_ADDFN, "slipway-complete", "Complete by the grammar", complete);
  el_set(editor, EL_BIND, "^I", "slipway-complete", NULL);
  const char *keys = NULL;
  // libedit's vi keys have no search through the history while typing.
  if (el_get(editor, EL_EDITOR, &keys) == 0 && keys && strcmp(keys, "vi") == 0) {
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
  }
}

static void use_utf8(void) {
  setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX > 1) return;
  // Names and the prompt itself are UTF-8, whatever a bare environment says.
  if (!setlocale(LC_CTYPE, "C.UTF-8")) setlocale(LC_CTYPE, "en_US.UTF-8");
}

bool prompt_open(const char *program, prompt_complete complete_line, void *context) {
  use_utf8();
  has_before = tcgetattr(STDIN_FILENO, &before) == 0;
  if (!has_before || !events_open()) return false;
  editor = el_init(program, stdin, stdout, stderr);
  if (!editor) {
    events_close();
    return false;
  }
  completer = complete_line;
  completer_context = context;
  el_set(editor, EL_SIGNAL, 0);
  el_set(editor, EL_PROMPT_ESC, shown_prompt, '\1');
  history_list = history_init();
  HistEvent event;
  if (history_list) {
    history(history_list, &event, H_SETSIZE, 10000);
    history(history_list, &event, H_SETUNIQUE, 1);
    el_set(editor, EL_HIST, history, history_list);
  }
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_source(editor, NULL);
  bind_keys();
  el_set(editor, EL_GETCFN, next_character);
  return true;
}

void prompt_close(void) {
  if (!editor) return;
  el_end(editor);
  editor = NULL;
  if (history_list) history_end(history_list);
  history_list = NULL;
  if (has_before) tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  events_close();
}

void prompt_remember(const char *line) {
  HistEvent event;
  if (history_list) history(history_list, &event, H_ENTER, line);
}

void prompt_echo(bool isOn) {
  if (!has_before) return;
  struct termios quiet = before;
  if (!isOn) quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
}

enum prompt_outcome prompt_line(const char *prompt, bool isAnswer, const char **text) {
  prompt_text = prompt;
  answers = isAnswer;
  stopped_by = PROMPT_TEXT;
  *text = "";
  if (isAnswer) {
    input_flush();
    el_set(editor, EL_HIST, NULL, NULL);
  }
  char *lines = events_announced();
  if (lines) fputs(lines, stdout);
  free(lines);
  el_resize(editor);
  fputs("\033[?2004h", stdout);
  fflush(stdout);
  int count = 0;
  const char *line = el_gets(editor, &count);
  fputs("\033[?2004l", stdout);
  fflush(stdout);
  if (isAnswer && history_list) el_set(editor, EL_HIST, history, history_list);
  if (stopped_by != PROMPT_TEXT) {
    el_reset(editor);
    return stopped_by;
  }
  if (!line || count <= 0) {
    fputc('\n', stdout);
    fflush(stdout);
    return PROMPT_END;
  }
  *text = line;
  return PROMPT_TEXT;
}

enum prompt_outcome prompt_key(char *key) {
  struct termios raw = before;
  raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  // So that what is pasted can be told from a key, and counts for nothing.
  fputs("\033[?2004h", stdout);
  fflush(stdout);
  input_flush();
  enum prompt_outcome outcome = PROMPT_TEXT;
  key[0] = 0;
  for (;;) {
    struct input input = input_next(NULL);
    if (input.kind == INPUT_CHARACTER) {
      if (input.character == 4) outcome = PROMPT_END;
      mbstate_t state;
      memset(&state, 0, sizeof state);
      size_t length = wcrtomb(key, input.character, &state);
      key[length == (size_t)-1 ? 0 : length] = 0;
      break;
    }
    if (input.kind == INPUT_END) outcome = PROMPT_END;
    else if (input.event == 'i') outcome = PROMPT_INTERRUPTED;
    else if (input.event == 't') outcome = PROMPT_TERMINATED;
    else continue;
    break;
  }
  fputs("\033[?2004l", stdout);
  fflush(stdout);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  return outcome;
}
