package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

const greeting = "hello from the service"

var version, commit, date = "dev", "none", "unknown"

func answer(path string) (int, string) {
	switch {
	case path == "/health":
		return 200, "ok\n"
	case path == "/version":
		return 200, version + " " + commit + " " + date + "\n"
	case strings.HasPrefix(path, "/static/"), strings.HasPrefix(path, "/data/"):
		if strings.HasPrefix(path, "/data/") {
			path = os.Getenv("KO_DATA_PATH") + strings.TrimPrefix(path, "/data")
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return 404, err.Error()
		}
		return 200, string(b)
	}
	zone := "no zone"
	if l, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		zone = l.String()
	}
	return 200, fmt.Sprintln(greeting, zone)
}

func serve(c net.Conn) {
	defer c.Close()
	line, _ := bufio.NewReader(c).ReadString('\n')
	f := append(strings.Fields(line), "", "")
	code, body := answer(f[1])
	fmt.Fprintf(c, "HTTP/1.0 %d X\r\nContent-Length: %d\r\n\r\n%s", code, len(body), body)
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if len(os.Args) > 1 && (os.Args[1] == "health" || os.Args[1] == "healthcheck") {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			os.Exit(1)
		}
		c.Close()
		return
	}
	l, err := net.Listen("tcp", ":"+port)
	if err != nil {
		panic(err)
	}
	for {
		if c, err := l.Accept(); err == nil {
			go serve(c)
		}
	}
}
