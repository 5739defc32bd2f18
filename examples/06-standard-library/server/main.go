// Command server serves a folder of static files, and says how many requests it has answered.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
)

// newHandler serves the files of a folder, and counts the requests.
func newHandler(folder string) http.Handler {
	var count atomic.Int64
	files := http.FileServer(http.Dir(folder))
	mux := http.NewServeMux()
	mux.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, count.Load())
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		count.Add(1)
		files.ServeHTTP(w, r)
	})
	return mux
}

func main() {
	page := flag.String("page", "page", "folder of the page")
	flag.Parse()
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Fatal(http.ListenAndServe(":"+port, newHandler(*page)))
}
