/* A server listens with a backlog of 4 and is stuck in a lock before accept().
 *
 * Stands for: deadlocks in an accept loop. The queue fills; new clients' SYNs
 * are dropped (LISTEN drops in netstat -s).
 * Fix: keep the accept loop free of locks; a thread or event per connection. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 2 || bind(listener, (void *)&at, sizeof at) || listen(listener, 4))
        return 1;
    for (;;) {
        pthread_mutex_lock(&lock); /* wrong: the second time round, for ever */
        pthread_mutex_lock(&lock);
        accept(listener, NULL, NULL);
    }
}
