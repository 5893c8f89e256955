// Reads recorded balances with clickhouse-go: see ../../README.md for the arguments.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func main() {
	if err := read(os.Args[1], os.Args[2], os.Getenv("READER_PASSWORD"), os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

// the example begins
func read(address, database, password, department string) error {
	connection, err := clickhouse.Open(&clickhouse.Options{
		Addr:     []string{address},
		Protocol: clickhouse.HTTP,
		Auth:     clickhouse.Auth{Database: database, Username: "cx_reader", Password: password},
	})
	if err != nil {
		return err
	}
	defer connection.Close()
	rows, err := connection.Query(context.Background(), `
		SELECT at, metric, value, n FROM balances_latest
		WHERE department = {department:String} AND view = 'as_was' AND horizon = 'short'
		ORDER BY at, metric`, clickhouse.Named("department", department))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at time.Time
		var metric string
		var value *float64 // nil: not known
		var n uint64
		if err := rows.Scan(&at, &metric, &value, &n); err != nil {
			return err
		}
		report(at, metric, value, n)
	}
	return rows.Err()
}

// the example ends

func report(at time.Time, metric string, value *float64, n uint64) {
	text := ""
	if value != nil {
		text = fmt.Sprintf("%.3f", *value)
	}
	fmt.Printf("%d\t%s\t%s\t%d\n", at.UnixMilli(), metric, text, n)
}
