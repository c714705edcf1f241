// What the files of this target share.
#ifndef SLIPWAY_EDITLINE_INTERNAL_H
#define SLIPWAY_EDITLINE_INTERNAL_H

#include "CEditlineShim.h"

#include <wchar.h>

/// Opens the pipe that wakes whoever waits, and takes the signals over.
bool events_open(void);
void events_close(void);
/// Readable when there is an event.
int events_descriptor(void);
/// 'i' Ctrl-C, 'w' another window size, 'c' continued, 't' to end, 'a' something to show, 'd' done; 0: nothing.
char events_next(void);
/// What is to be shown above the line, to be freed; NULL for nothing.
char *events_announced(void);

/// What came from the keyboard.
enum input_kind { INPUT_CHARACTER, INPUT_EVENT, INPUT_END };
struct input {
  enum input_kind kind;
  wchar_t character;
  char event;
};
/// Waits for a character or an event. A bracketed paste goes to `paste` as a whole, without control characters.
struct input input_next(void (*paste)(const wchar_t *text));
/// What was typed and not read yet is forgotten.
void input_flush(void);

#endif
