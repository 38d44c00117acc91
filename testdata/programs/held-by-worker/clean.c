/* The fork server with close() in the parent. */
#define FIXED
#include "leaky.c"
