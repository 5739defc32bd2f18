package main

import (
	"fmt"

	"example.com/greeting"
)

var version = "dev"

func main() {
	fmt.Println(greeting.Of("the worker"), version)
}
