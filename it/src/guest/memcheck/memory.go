package main

import (
	"encoding/binary"
	"syscall"
	"time"
)

const memorySalt = 0x6d656d6f7279

// memory is the pattern in RAM. Three records of each write lie in different pages: the page itself, its entry in the
// table of generations, and the sum of all generations; one that was lost shows against the others.
type memory struct {
	bytes      []byte
	generation []uint32
	sum        uint64
	counters   *counters
}

func newMemory(pages int, c *counters) (*memory, error) {
	bytes, err := syscall.Mmap(-1, 0, pages*pageSize, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil, err
	}
	m := &memory{bytes: bytes, generation: make([]uint32, pages), counters: c}
	for index := range m.generation {
		m.write(index)
	}
	return m, nil
}

func (m *memory) page(index int) []byte {
	return m.bytes[index*pageSize : (index+1)*pageSize]
}

func (m *memory) write(index int) {
	m.generation[index]++
	m.sum++
	fill(m.page(index), memorySalt, uint64(index), m.generation[index])
	m.counters.writes.Add(1)
}

func (m *memory) check(index int) {
	page := m.page(index)
	if at := verify(page, memorySalt, uint64(index), m.generation[index]); at >= 0 {
		m.counters.fail(&m.counters.errors, "page %d at %d: generation %d expected, the page says %d and %d",
			index, at, m.generation[index], binary.LittleEndian.Uint64(page),
			binary.LittleEndian.Uint64(page[pageSize-8:]))
		m.write(index) // Counted once; the next pass tests the page anew.
	}
	m.counters.checked.Add(1)
}

func (m *memory) run(rewrite int, pause time.Duration) {
	pages := len(m.generation)
	random := uint64(1)
	for visits := 1; ; visits++ {
		random++
		// Half of the visits follow the order of addresses, so that each pass sees every page; half jump.
		index := visits / 2 % pages
		if visits%2 == 1 {
			index = int(mix(random) % uint64(pages))
		}
		m.check(index)
		if mix(random^0x77)%uint64(rewrite) == 0 {
			m.write(index)
		}
		if visits%256 == 0 && pause > 0 {
			time.Sleep(pause)
		}
		if visits%(2*pages) == 0 {
			m.checkSum()
			m.counters.passes.Add(1)
		}
	}
}

func (m *memory) checkSum() {
	var sum uint64
	for _, generation := range m.generation {
		sum += uint64(generation)
	}
	if sum != m.sum {
		m.counters.fail(&m.counters.errors, "the generations sum up to %d, expected %d", sum, m.sum)
		m.sum = sum
	}
}
