// Command memcheck keeps a changing, known pattern over most of the RAM and a file on the disk, and checks it all the
// time. A wrong byte is counted, printed on the console, and never repaired in silence.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"dev.architekt/guest/internal/status"
)

// counters are what the status port reports; all of them only grow.
type counters struct {
	passes, checked, writes, errors                 atomic.Int64
	diskPasses, diskChecked, diskWrites, diskErrors atomic.Int64
	clockBack                                       atomic.Int64

	lock       sync.Mutex
	firstError string
}

func (c *counters) fail(kind *atomic.Int64, format string, arguments ...any) {
	text := fmt.Sprintf(format, arguments...)
	if kind.Add(1) <= 20 {
		fmt.Println("MEMCHECK-ERROR", text)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.firstError == "" {
		c.firstError = text
	}
}

type report struct {
	BootID      string `json:"bootId"`
	Pages       int    `json:"pages"`
	Passes      int64  `json:"passes"`
	Checked     int64  `json:"checked"`
	Writes      int64  `json:"writes"`
	Errors      int64  `json:"errors"`
	DiskBlocks  int    `json:"diskBlocks"`
	DiskPasses  int64  `json:"diskPasses"`
	DiskChecked int64  `json:"diskChecked"`
	DiskWrites  int64  `json:"diskWrites"`
	DiskErrors  int64  `json:"diskErrors"`
	ClockBack   int64  `json:"clockBack"`
	Micros      int64  `json:"micros"`
	FirstError  string `json:"firstError"`
}

func main() {
	share := flag.Float64("share", 0.6, "share of the RAM that holds the pattern")
	rewrite := flag.Int("rewrite", 4, "one page in so many is rewritten when it has been checked")
	disk := flag.String("disk", "/var/lib/memcheck.data", "file on the disk, or empty for none")
	diskMiB := flag.Int("disk-mib", 16, "size of the file")
	pause := flag.Duration("pause", 0, "rest after every 256 pages")
	port := flag.Int("port", 7001, "TCP port that answers each line with a JSON object")
	flag.Parse()
	// On one processor Go would let the memory's checker run for 10 ms at a time; the kernel's scheduler is fairer to
	// a thread that waits for the disk.
	runtime.GOMAXPROCS(4)

	total, available := status.MemoryBytes()
	// What is left over must hold the kernel's own needs: a guest that swaps or dies tests nothing.
	size := int64(float64(total) * *share)
	if limit := available - 24<<20; size > limit {
		fmt.Printf("memcheck: %d MiB wanted, %d MiB possible\n", size>>20, limit>>20)
		size = limit
	}
	c := &counters{}
	memory, err := newMemory(int(size/pageSize), c)
	if err != nil {
		fmt.Println("memcheck: no memory:", err)
		os.Exit(1)
	}
	blocks := 0
	if *disk != "" {
		checker, err := newDisk(*disk, *diskMiB<<20/pageSize, c)
		if err != nil {
			fmt.Println("memcheck: no disk file:", err)
			os.Exit(1)
		}
		blocks = len(checker.generation)
		go checker.run()
	}
	bootID := status.BootID()
	go watchClock(c)
	go printProgress(c)
	go status.Serve(*port, func() any {
		c.lock.Lock()
		first := c.firstError
		c.lock.Unlock()
		return report{bootID, len(memory.generation), c.passes.Load(), c.checked.Load(), c.writes.Load(),
			c.errors.Load(), blocks, c.diskPasses.Load(), c.diskChecked.Load(), c.diskWrites.Load(),
			c.diskErrors.Load(), c.clockBack.Load(), time.Now().UnixMicro(), first}
	})
	memory.run(*rewrite, *pause)
}

// watchClock compares wall-clock readings alone: Go's own differences would use the monotonic clock.
func watchClock(c *counters) {
	last := time.Now().UnixNano()
	for {
		time.Sleep(10 * time.Millisecond)
		now := time.Now().UnixNano()
		if now < last {
			c.fail(&c.clockBack, "the clock went back by %d us", (last-now)/1000)
		}
		last = now
	}
}

func printProgress(c *counters) {
	for {
		time.Sleep(10 * time.Second)
		fmt.Printf("memcheck: %d passes, %d pages checked, %d written, %d errors; disk %d checked, %d errors\n",
			c.passes.Load(), c.checked.Load(), c.writes.Load(), c.errors.Load(), c.diskChecked.Load(),
			c.diskErrors.Load())
	}
}
