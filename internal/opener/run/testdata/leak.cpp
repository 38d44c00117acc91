// Prints the inode of each of its sockets, and which line has opened it.
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace shop {

struct Socket {
	explicit Socket(int domain) : fd(socket(domain, SOCK_STREAM, 0)) {} // opens constructor
	int fd;
};

template <typename T> struct Pool {
	std::vector<std::unique_ptr<T>> kept;
	T &borrow(int domain)
	{
		kept.push_back(std::make_unique<T>(domain));
		return *kept.back();
	}
};

int pair[2];

struct Guard {
	~Guard()
	{
		socketpair(AF_UNIX, SOCK_STREAM, 0, pair); // opens destructor
	}
};

} // namespace shop

static void print(int fd, const char *name)
{
	struct stat st;
	fstat(fd, &st);
	std::printf("%ld %s\n", (long)st.st_ino, name);
}

int main()
{
	shop::Pool<shop::Socket> pool;
	print(pool.borrow(AF_INET).fd, "constructor");
	try {
		shop::Guard guard; // destroyed while an exception unwinds the stack
		throw std::runtime_error("x");
	} catch (const std::exception &) {
		print(shop::pair[0], "destructor");
	}
	int fd = -1;
	std::function<void()> dial = [&fd] {
		fd = socket(AF_INET6, SOCK_DGRAM, 0); // opens lambda
	};
	std::thread(dial).join();
	print(fd, "lambda");
}
