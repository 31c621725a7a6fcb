// Command burn computes, or dirties memory, as fast as it can, and counts; whoever asks divides by a clock of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"dev.architekt/guest/internal/status"
)

const pageSize = 4096

type report struct {
	BootID     string `json:"bootId"`
	Mode       string `json:"mode"`
	Pages      int    `json:"pages"`
	Iterations int64  `json:"iterations"`
	GuestNanos int64  `json:"guestNanos"`
	Check      uint64 `json:"check"`
}

func main() {
	mode := flag.String("mode", "cpu", "cpu: arithmetic and a walk through memory; dirty: write to every page in turn")
	mib := flag.Int("mib", 32, "memory that is walked through or dirtied")
	share := flag.Float64("share", 0, "the same as a share of the RAM; wins over -mib")
	port := flag.Int("port", 7002, "TCP port that answers each line with a JSON object")
	flag.Parse()
	runtime.GOMAXPROCS(4) // Whoever asks is answered by the kernel's scheduler, not after Go's 10 ms.

	size := int64(*mib) << 20
	if *share > 0 {
		total, _ := status.MemoryBytes()
		size = int64(float64(total) * *share)
	}
	pages := int(size / pageSize)
	bytes, err := syscall.Mmap(-1, 0, pages*pageSize, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		fmt.Printf("burn: no %d MiB of memory: %v\n", size>>20, err)
		os.Exit(1)
	}
	var iterations atomic.Int64
	var check atomic.Uint64
	bootID := status.BootID()
	began := time.Now()
	step := compute
	if *mode == "dirty" {
		step = dirty
	} else if *mode != "cpu" {
		fmt.Printf("burn: no mode %q: there are cpu and dirty\n", *mode)
		os.Exit(2)
	}
	for page := 0; page < pages; page++ {
		bytes[page*pageSize] = byte(page) // Present before the first count.
	}
	go status.Serve(*port, func() any {
		return report{bootID, *mode, pages, iterations.Load(), time.Since(began).Nanoseconds(), check.Load()}
	})
	state := uint64(1)
	for {
		state = step(bytes, pages, state)
		check.Store(state)
		iterations.Add(1)
	}
}

// compute is one iteration of 4,096 rounds: multiplications, shifts, branches, and a read and a write somewhere in the
// memory every 16.
func compute(bytes []byte, pages int, state uint64) uint64 {
	for round := 0; round < 4096; round++ {
		state ^= state >> 12
		state ^= state << 25
		state ^= state >> 27
		state *= 2685821657736338717
		if state&1 == 0 {
			state += uint64(round)
		}
		if round&15 == 0 {
			at := state % uint64(pages*pageSize)
			state += uint64(bytes[at])
			bytes[at] = byte(state)
		}
	}
	return state
}

// dirty is one iteration: 64 pages in the order of addresses, eight bytes written to each.
func dirty(bytes []byte, pages int, state uint64) uint64 {
	for i := 0; i < 64; i++ {
		at := int(state%uint64(pages)) * pageSize
		for b := 0; b < 8; b++ {
			bytes[at+b] = byte(state >> (8 * b))
		}
		state++
	}
	return state
}
