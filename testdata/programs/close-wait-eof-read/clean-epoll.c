/* The epoll server with close() at EOF. */
#define FIXED
#include "leaky-epoll.c"
