package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/greeting"
)

var version = "dev"

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, greeting.Of("the API"), version)
	})
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
