// Publishes events with franz-go, and reads them back: see ../../README.md for the arguments.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
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
	options := append(acknowledged(acks), kgo.SeedBrokers(brokers), kgo.DefaultProduceTopic(topic), compressed(codec))
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() { // each the customer, a tab, and the event
		customer, event, _ := strings.Cut(lines.Text(), "\t")
		record := &kgo.Record{Key: []byte(customer), Value: []byte(event)}
		client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
			if err != nil {
				log.Fatal(err) // of a service: note it, and send the event again
			}
		})
	}
	if err := client.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// the example ends

func compressed(codec string) kgo.Opt {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	return kgo.ProducerBatchCompression(codecs[codec])
}

func acknowledged(acks string) []kgo.Opt {
	switch acks {
	case "0":
		return []kgo.Opt{kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite()}
	case "1":
		return []kgo.Opt{kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()}
	case "all":
		return []kgo.Opt{kgo.RequiredAcks(kgo.AllISRAcks()), kgo.DisableIdempotentWrite()}
	default: // idempotent, which is this library's default
		return nil
	}
}

func consume(brokers, topic, group, count string) {
	wanted, err := strconv.Atoi(count)
	if err != nil {
		log.Fatal(err)
	}
	beginning := kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), beginning)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	for read := 0; read < wanted; {
		fetches := client.PollFetches(context.Background())
		if errors := fetches.Errors(); len(errors) > 0 {
			log.Fatal(errors[0].Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			fmt.Println(string(record.Value))
			read++
		})
	}
	if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
		log.Fatal(err)
	}
}
