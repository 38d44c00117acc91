package socket

import (
	"runtime"
	"sync"
)

// partShare is for how many sockets another goroutine is worth starting.
const partShare = 4096

// InParts cuts the list into parts, one for each processor that it is long
// enough for and at least one, has do called for each at the same time, and
// returns the results in the order of the parts.
func InParts[R any](list []*Socket, do func(part []*Socket) R) []R {
	n := max(1, min(runtime.GOMAXPROCS(0), len(list)/partShare))
	results := make([]R, n)
	var others sync.WaitGroup
	for i := 1; i < n; i++ {
		others.Go(func() { results[i] = do(list[i*len(list)/n : (i+1)*len(list)/n]) })
	}
	results[0] = do(list[:len(list)/n])
	others.Wait()
	return results
}
