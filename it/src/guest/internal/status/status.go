// Package status answers each line on a TCP port with one JSON object.
package status

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
)

// Serve listens for ever; it ends the program when the port cannot be had.
func Serve(port int, report func() any) {
	listener, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		fmt.Println("status:", err)
		os.Exit(1)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			fmt.Println("status:", err)
			continue
		}
		go answer(connection, report)
	}
}

func answer(connection net.Conn, report func() any) {
	defer connection.Close()
	in := bufio.NewReaderSize(connection, 4096)
	for {
		if _, err := in.ReadSlice('\n'); err != nil {
			return
		}
		line, err := json.Marshal(report())
		if err != nil {
			return
		}
		if _, err := connection.Write(append(line, '\n')); err != nil {
			return
		}
	}
}

// BootID is the kernel's random name for this boot.
func BootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// MemoryBytes is what the kernel says that it manages, and what of it is available now.
func MemoryBytes() (total, available int64) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		var kib int64
		if _, err := fmt.Sscanf(line, "MemTotal: %d kB", &kib); err == nil {
			total = kib << 10
		}
		if _, err := fmt.Sscanf(line, "MemAvailable: %d kB", &kib); err == nil {
			available = kib << 10
		}
	}
	return total, available
}
