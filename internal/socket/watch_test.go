package socket

import "testing"

func TestWhoIsKnownToWait(t *testing.T) {
	poller, plain := EpollWatch{Poller: true}, EpollWatch{}
	for _, tc := range []struct {
		name             string
		watch            *Watch
		nobody, unwaited bool
	}{
		{"nobody looked", nil, false, false},
		{"nothing found", &Watch{}, true, true},
		{"a doubt", &Watch{Doubt: "io_uring"}, false, false},
		{"a thread", &Watch{Threads: []ThreadWait{{TID: 1}}}, false, false},
		{"an epoll set", &Watch{Epolls: []EpollWatch{plain}}, false, false},
		{"the poller's set, without a goroutine", &Watch{Epolls: []EpollWatch{poller}}, false, true},
		{"the poller's set, and one more", &Watch{Epolls: []EpollWatch{poller, plain}}, false, false},
		{"the poller's set, with a goroutine", &Watch{Epolls: []EpollWatch{poller}, Waiters: []Waiter{{ID: 1}}}, false, false},
		{"the poller's set, and a doubt", &Watch{Epolls: []EpollWatch{poller}, Doubt: "unread"}, false, false},
	} {
		if got := tc.watch.Nobody(); got != tc.nobody {
			t.Errorf("%s: Nobody %v", tc.name, got)
		}
		if got := tc.watch.Unwaited(); got != tc.unwaited {
			t.Errorf("%s: Unwaited %v", tc.name, got)
		}
	}
}
