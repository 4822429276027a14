import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;

/** Sends every record through every chain of transformations: see README.md. */
public class Reference {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonConverter CONVERTER = new JsonConverter();
    /** As many entries as Debezium's PostgreSQL connector usually has in it. */
    private static final Map<String, ?> OFFSET = Map.of("ts_usec", 1, "txId", 2, "lsn", 3, "lsn_proc", 4, "lsn_commit", 5, "messageType", 6);

    public static void main(String[] args) throws Exception {
        CONVERTER.configure(Map.of("schemas.enable", "true", "converter.type", "value"), false);
        List<JsonNode> records = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[0]))) records.add(JSON.readTree(line));
        try (PrintStream out = new PrintStream(Files.newOutputStream(Path.of(args[2])), false, "UTF-8")) {
            for (String line : Files.readAllLines(Path.of(args[1]))) {
                out.println(JSON.writeValueAsString(answers(JSON.readTree(line), records)));
            }
        }
    }

    /** One answer a record, or the only one where the configuration is refused. */
    private static ArrayNode answers(JsonNode chain, List<JsonNode> records) throws Exception {
        ArrayNode answers = JSON.createArrayNode();
        for (JsonNode record : records) {
            List<Transformation<?>> steps = new ArrayList<>();
            String problem = make(chain, steps);
            if (problem != null) return answers.add(JSON.createObjectNode().put("config", problem));
            answers.add(answer(steps, read(record)));
            for (Transformation<?> step : steps) step.close();
        }
        return answers;
    }

    /** The first complaint: of `validate`, which a worker asks first, or of `configure`. */
    private static String make(JsonNode chain, List<Transformation<?>> steps) throws Exception {
        for (JsonNode link : chain) {
            String given = link.get(0).asText();
            String name = given.startsWith("io.") ? given : "org.apache.kafka.connect.transforms." + given;
            Transformation<?> step = (Transformation<?>) Class.forName(name).getDeclaredConstructor().newInstance();
            Map<String, String> config = new HashMap<>();
            link.get(1).properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
            for (ConfigValue value : step.config().validate(config)) {
                if (!value.errorMessages().isEmpty()) return value.errorMessages().get(0);
            }
            try {
                step.configure(config);
            } catch (RuntimeException refused) {
                return refused.getMessage();
            }
            steps.add(step);
        }
        return null;
    }

    private static ConnectRecord<?> read(JsonNode json) {
        SchemaAndValue key = converted(json.get("key"));
        SchemaAndValue value = converted(json.get("value"));
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode header : json.get("headers")) headers.add(header.get(0).asText(), converted(header.get(1)));
        Long timestamp = json.has("timestamp") ? Long.valueOf(json.get("timestamp").asLong()) : null;
        String topic = json.get("topic").asText();
        if (json.path("kind").asText().equals("source")) {
            return new SourceRecord(Map.of("server", "p"), OFFSET, topic, null, key.schema(), key.value(), value.schema(),
                value.value(), timestamp, headers);
        }
        return new SinkRecord(topic, 3, key.schema(), key.value(), value.schema(), value.value(), 42L, timestamp,
            TimestampType.CREATE_TIME, headers);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static JsonNode answer(List<Transformation<?>> steps, ConnectRecord<?> given) {
        ConnectRecord record = given;
        try {
            for (Transformation step : steps) if (record != null) record = step.apply(record);
        } catch (Throwable failure) {
            return JSON.createObjectNode().put("error", failure.getClass().getSimpleName())
                .put("message", failure.getMessage());
        }
        if (record == null) return JSON.getNodeFactory().textNode("dropped");
        ObjectNode answer = JSON.createObjectNode().put("topic", record.topic());
        if (!Objects.equals(record.kafkaPartition(), given.kafkaPartition())) answer.put("partition", record.kafkaPartition());
        if (record.timestamp() != null) answer.put("timestamp", record.timestamp());
        answer.put("key", written(record.keySchema(), record.key()));
        answer.put("value", written(record.valueSchema(), record.value()));
        ArrayNode headers = answer.putArray("headers");
        for (Object one : record.headers()) {
            Header header = (Header) one;
            headers.addArray().add(header.key()).add(written(header.schema(), header.value()));
        }
        return answer;
    }

    private static SchemaAndValue converted(JsonNode text) {
        return text.isNull()
            ? new SchemaAndValue(null, null)
            : CONVERTER.toConnectData("t", text.asText().getBytes(StandardCharsets.UTF_8));
    }

    private static String written(Schema schema, Object value) {
        try {
            byte[] bytes = CONVERTER.fromConnectData("t", schema, schema == null ? sorted(value) : value);
            return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
        } catch (RuntimeException failure) {
            return "!" + failure.getClass().getSimpleName() + ": " + failure.getMessage();
        }
    }

    /** Maps without a schema are hash maps, whose order has no meaning. */
    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map && map.keySet().stream().allMatch(String.class::isInstance)) {
            Map<Object, Object> ordered = new TreeMap<>();
            map.forEach((name, entry) -> ordered.put(name, sorted(entry)));
            return ordered;
        }
        return value instanceof List<?> list ? list.stream().map(Reference::sorted).collect(ArrayList::new, List::add, List::addAll) : value;
    }
}
