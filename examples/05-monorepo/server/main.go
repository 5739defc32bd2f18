// Command server serves a folder of static files, and says which version it is.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
)

// Set by the linker.
var version = "development"

func main() {
	page := flag.String("page", ".", "folder of the page")
	flag.Parse()
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Printf("version %s listens on port %s", version, port)
	log.Fatal(http.ListenAndServe(":"+port, handler(*page)))
}

func handler(page string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(page)))
	mux.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, version) })
	return mux
}
