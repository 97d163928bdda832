/** What can be found out about the servers of a cluster from outside: facts, no judgement. Loaded by the command line alone. */
export { certificateOf, type Certificate, type Peer } from './certificate.ts';
export { probeElasticsearch, templatesOf, type ElasticsearchFacts } from './elasticsearch.ts';
export { satisfied, wantedTopics, type Wanted as WantedTopic } from '../log/kafka/topics.ts';
export { brokerAnswers, probeKafka, type KafkaFacts, type TopicFacts } from './kafka.ts';
export { postgresPeer, probePostgres, type PostgresFacts } from './postgres.ts';
export { probeRedis, type RedisFacts } from './redis.ts';
export { messageOf } from './reason.ts';
