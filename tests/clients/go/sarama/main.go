// Publishes events with sarama, and reads them back: see ../../README.md for the arguments.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/IBM/sarama"
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
	producer, err := sarama.NewAsyncProducer([]string{brokers}, configuration(codec, acks))
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() { // each the customer, a tab, and the event
			customer, event, _ := strings.Cut(lines.Text(), "\t")
			producer.Input() <- &sarama.ProducerMessage{
				Topic: topic, Key: sarama.StringEncoder(customer), Value: sarama.StringEncoder(event),
			}
		}
		producer.AsyncClose() // sends what waits, then closes the channel of errors
	}()
	for refused := range producer.Errors() {
		log.Fatal(refused.Err) // of a service: note it, and send the event again
	}
}

// the example ends

func configuration(codec, acks string) *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.V2_8_0_0
	config.Producer.Compression = map[string]sarama.CompressionCodec{
		"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
		"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
	}[codec]
	switch acks {
	case "0":
		config.Producer.RequiredAcks = sarama.NoResponse
	case "1":
		config.Producer.RequiredAcks = sarama.WaitForLocal
	case "all":
		config.Producer.RequiredAcks = sarama.WaitForAll
	default: // idempotent
		config.Producer.RequiredAcks = sarama.WaitForAll
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1
	}
	return config
}

// printer is a member of the group that hands on what it reads.
type printer struct{}

func (*printer) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (*printer) Cleanup(sarama.ConsumerGroupSession) error { return nil }

var values = make(chan *sarama.ConsumerMessage)

func (*printer) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		select {
		case values <- message:
			session.MarkMessage(message, "")
		case <-session.Context().Done():
			return nil
		}
	}
	return nil
}

func consume(brokers, topic, group, count string) {
	wanted, err := strconv.Atoi(count)
	if err != nil {
		log.Fatal(err)
	}
	config := configuration("none", "all")
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	member, err := sarama.NewConsumerGroup([]string{brokers}, group, config)
	if err != nil {
		log.Fatal(err)
	}
	running, finish := context.WithCancel(context.Background())
	go func() {
		for read := 0; read < wanted; read++ {
			fmt.Println(string((<-values).Value))
		}
		finish()
	}()
	for running.Err() == nil {
		err := member.Consume(running, []string{topic}, &printer{})
		if err != nil && !errors.Is(err, context.Canceled) {
			log.Fatal(err)
		}
	}
	if err := member.Close(); err != nil {
		log.Fatal(err)
	}
}
