// Asks twice for a token with the credential in a folder, and writes what it got: two tokens, one a line.
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/workload/access"
)

func main() {
	source := access.TokenSource(context.Background(), os.Args[1])
	for range 2 {
		token, err := source.Token()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(token.AccessToken)
	}
}
