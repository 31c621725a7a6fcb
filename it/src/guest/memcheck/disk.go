package main

import (
	"encoding/binary"
	"os"
	"syscall"
	"time"
)

const (
	diskSalt = 0x6469736b
	// flushEvery is in writes; what lies between two is in the guest's hands, not yet promised by the disk.
	flushEvery = 64
)

// disk is the pattern in a file, past the page cache of the guest, so that each check asks the machine's disk.
type disk struct {
	file       *os.File
	generation []uint32
	buffer     []byte
	counters   *counters
}

func newDisk(path string, blocks int, c *counters) (*disk, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC|syscall.O_DIRECT, 0o600)
	if err != nil {
		return nil, err
	}
	// O_DIRECT wants aligned memory, which a mapping is.
	buffer, err := syscall.Mmap(-1, 0, pageSize, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil, err
	}
	d := &disk{file, make([]uint32, blocks), buffer, c}
	for index := range d.generation {
		if err := d.write(index); err != nil {
			return nil, err
		}
	}
	return d, file.Sync()
}

func (d *disk) write(index int) error {
	fill(d.buffer, diskSalt, uint64(index), d.generation[index]+1)
	if _, err := d.file.WriteAt(d.buffer, int64(index)*pageSize); err != nil {
		return err
	}
	d.generation[index]++
	d.counters.diskWrites.Add(1)
	return nil
}

func (d *disk) check(index int) {
	if _, err := d.file.ReadAt(d.buffer, int64(index)*pageSize); err != nil {
		d.counters.fail(&d.counters.diskErrors, "reading block %d: %v", index, err)
		return
	}
	if at := verify(d.buffer, diskSalt, uint64(index), d.generation[index]); at >= 0 {
		d.counters.fail(&d.counters.diskErrors, "block %d at %d: generation %d expected, the block says %d and %d",
			index, at, d.generation[index], binary.LittleEndian.Uint64(d.buffer),
			binary.LittleEndian.Uint64(d.buffer[pageSize-8:]))
	}
	d.counters.diskChecked.Add(1)
}

func (d *disk) run() {
	random := uint64(2)
	blocks := len(d.generation)
	for visits := 1; ; visits++ {
		random++
		d.check(visits % blocks)
		written := int(mix(random) % uint64(blocks))
		d.check(written)
		if err := d.write(written); err != nil {
			d.counters.fail(&d.counters.diskErrors, "writing block %d: %v", written, err)
		}
		if visits%flushEvery == 0 {
			if err := d.file.Sync(); err != nil {
				d.counters.fail(&d.counters.diskErrors, "flush: %v", err)
			}
			time.Sleep(20 * time.Millisecond) // The memory's checker shares the processor.
		}
		if visits%blocks == 0 {
			d.counters.diskPasses.Add(1)
		}
	}
}
