// Finds words in bytes, whatever the case of ASCII letters: many at once, sixteen or thirty-two places at a time.
#ifndef C_LOG_SEARCH_H
#define C_LOG_SEARCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct log_words log_words;

// `bytes`: all words in small letters, one behind the other; `lengths`: of each, at least 1. NULL without memory.
log_words *log_words_make(const uint8_t *bytes, const uint32_t *lengths, size_t count);
void log_words_free(log_words *words);

// Where the next word begins, at `from` or later; `size` when there is none. `word`: which one it is.
size_t log_words_next(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t *word);

// Which way this machine goes: "avx2", "ssse3", "neon" or "portable".
const char *log_words_way(void);
// For tests: the way that needs nothing, on any machine.
size_t log_words_next_portable(const log_words *words, const uint8_t *text, size_t size, size_t from, size_t *word);

#endif
