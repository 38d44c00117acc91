/* Edge-triggered epoll that reads until EAGAIN or 0, and closes at 0. */
#define FIXED
#include "leaky.c"
