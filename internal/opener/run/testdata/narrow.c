/* Makes a socket in a program of 32 bits, without a C library: gcc -m32 -nostdlib */
static long call(long number, long a, long b)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
	return result;
}

void _start(void)
{
	long inet[] = {2, 1, 0};
	long failed = call(102, 1, (long)inet) < 0; /* socketcall, SYS_SOCKET */
	call(1, failed, 0);                         /* exit */
}
