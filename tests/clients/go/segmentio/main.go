// Publishes events with segmentio/kafka-go, and reads them back: see ../../README.md for the arguments.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	if len(os.Args) < 6 {
		log.Fatal("usage: publish BROKERS TOPIC CODEC ACKS, or consume BROKERS TOPIC GROUP COUNT")
	}
	if os.Args[1] == "publish" {
		publish(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	} else {
		consume(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	}
}

// the example begins
func publish(brokers, topic, codec, acks string) {
	writer := &kafka.Writer{
		Addr:         kafka.TCP(brokers),
		Topic:        topic,
		Balancer:     &kafka.Hash{},
		RequiredAcks: map[string]kafka.RequiredAcks{"0": kafka.RequireNone, "1": kafka.RequireOne, "all": kafka.RequireAll}[acks],
		Compression: map[string]kafka.Compression{
			"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
		}[codec],
		BatchTimeout: 10 * time.Millisecond,
	}
	var messages []kafka.Message
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() { // each the customer, a tab, and the event
		customer, event, _ := strings.Cut(lines.Text(), "\t")
		messages = append(messages, kafka.Message{Key: []byte(customer), Value: []byte(event)})
	}
	if err := writer.WriteMessages(context.Background(), messages...); err != nil {
		log.Fatal(err) // of a service: note it, and send the events again
	}
	if err := writer.Close(); err != nil {
		log.Fatal(err)
	}
}

// the example ends

func consume(brokers, topic, group, count string) {
	wanted, err := strconv.Atoi(count)
	if err != nil {
		log.Fatal(err)
	}
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{brokers}, GroupID: group, Topic: topic, StartOffset: kafka.FirstOffset, MaxWait: time.Second,
	})
	for read := 0; read < wanted; read++ {
		message, err := reader.FetchMessage(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(message.Value))
		if read+1 == wanted || read%500 == 0 {
			if err := reader.CommitMessages(context.Background(), message); err != nil {
				log.Fatal(err)
			}
		}
	}
	if err := reader.Close(); err != nil {
		log.Fatal(err)
	}
}
