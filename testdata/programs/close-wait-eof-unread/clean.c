/* The C server with one exit that closes. */
#define FIXED
#include "leaky.c"
