package main

import "encoding/binary"

const pageSize = 4096

// mix is SplitMix64's finaliser.
func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

// fill writes the one content that belongs to this page in this generation. The generation also stands at both ends, so
// that a torn page tells what it is made of.
func fill(page []byte, salt, index uint64, generation uint32) {
	state := mix(salt ^ mix(index<<32|uint64(generation)))
	binary.LittleEndian.PutUint64(page, uint64(generation))
	for at := 8; at < pageSize-8; at += 8 {
		state = state*6364136223846793005 + 1442695040888963407
		binary.LittleEndian.PutUint64(page[at:], state)
	}
	binary.LittleEndian.PutUint64(page[pageSize-8:], uint64(generation))
}

// verify returns the offset of the first wrong 8 bytes, or -1.
func verify(page []byte, salt, index uint64, generation uint32) int {
	state := mix(salt ^ mix(index<<32|uint64(generation)))
	if binary.LittleEndian.Uint64(page) != uint64(generation) {
		return 0
	}
	for at := 8; at < pageSize-8; at += 8 {
		state = state*6364136223846793005 + 1442695040888963407
		if binary.LittleEndian.Uint64(page[at:]) != state {
			return at
		}
	}
	if binary.LittleEndian.Uint64(page[pageSize-8:]) != uint64(generation) {
		return pageSize - 8
	}
	return -1
}
