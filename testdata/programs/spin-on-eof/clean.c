/* The epoll loop with close() at read() == 0. */
#define FIXED
#include "leaky.c"
