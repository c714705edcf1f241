// libedit for Swift: its functions with variable arguments cannot be called from there, and its callbacks are easier kept
// in C. One editor a process, used by one thread; `prompt_wake` and `prompt_announce` may be called from any.
#ifndef SLIPWAY_EDITLINE_SHIM_H
#define SLIPWAY_EDITLINE_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How the reading of a line or a key ended.
enum prompt_outcome {
  PROMPT_TEXT = 0,
  /// Ctrl-D on an empty line, or the terminal is gone.
  PROMPT_END = 1,
  /// Ctrl-C.
  PROMPT_INTERRUPTED = 2,
  /// SIGTERM or SIGHUP: the process is to end.
  PROMPT_TERMINATED = 3,
};

/// What a completion does to the line. The strings are the callee's and are freed with `free`.
struct prompt_completion {
  /// So many characters in front of the cursor are taken away.
  size_t removed;
  /// What is put in their place; NULL for nothing.
  char *inserted;
  /// What is shown below the line; NULL for nothing.
  char *listing;
};

/// - text: the line, UTF-8; - cursor: the cursor's place in it, in bytes.
typedef struct prompt_completion (*prompt_complete)(void *context, const char *text, size_t cursor);

/// Opens the editor on standard input and output and takes over SIGINT, SIGWINCH, SIGCONT, SIGTERM and SIGHUP; the keys are
/// those of the user's `.editrc`. False where there is no terminal that can be edited on.
bool prompt_open(const char *program, prompt_complete complete, void *context);
/// Gives the terminal and the signals back.
void prompt_close(void);

/// One line with its prompt; parts of the prompt between two bytes 1 take no columns. The text is valid until the next call.
/// - isAnswer: no history, no completion, and nothing that was typed or pasted before counts.
enum prompt_outcome prompt_line(const char *prompt, bool isAnswer, const char **text);
/// One key, as it is typed, without Enter; what was typed before does not count. UTF-8, at most 8 bytes.
enum prompt_outcome prompt_key(char *key);

/// Adds a line to the history.
void prompt_remember(const char *line);

/// Shows whole lines above the line that is being edited, now; elsewhere they wait until the next line is asked for.
void prompt_announce(const char *lines);

/// While a statement runs: waits for an event.
/// - Returns: 'd' after `prompt_wake`, 'i' after Ctrl-C, 't' to end; 0 when `milliseconds` are over (-1: never).
int prompt_wait(int milliseconds);
/// Ends a `prompt_wait`.
void prompt_wake(void);
/// Whether keys that are typed are shown: not while a statement runs.
void prompt_echo(bool isOn);

/// Columns of the terminal; 0 where they are not known.
int prompt_columns(void);
/// Rows of the terminal; 0 where they are not known.
int prompt_rows(void);

#endif
