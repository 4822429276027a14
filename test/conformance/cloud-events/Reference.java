import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.debezium.converters.CloudEventsConverter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;

/** Writes every record as an event with all options, and reads it back: see README.md. */
public class Reference {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonConverter DATA = new JsonConverter();

    public static void main(String[] args) throws Exception {
        DATA.configure(Map.of("schemas.enable", "true", "converter.type", "value"), false);
        List<JsonNode> records = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[1]))) records.add(JSON.readTree(line));
        try (PrintStream out = new PrintStream(Files.newOutputStream(Path.of(args[2])), false, "UTF-8")) {
            for (String line : Files.readAllLines(Path.of(args[0]))) {
                out.println(JSON.writeValueAsString(answers(JSON.readTree(line), records)));
            }
        }
    }

    private static ArrayNode answers(JsonNode options, List<JsonNode> records) {
        ArrayNode answers = JSON.createArrayNode();
        Map<String, String> config = new HashMap<>();
        options.properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        CloudEventsConverter converter = new CloudEventsConverter(new Framed());
        try {
            converter.configure(config, false);
        } catch (RuntimeException refused) {
            return answers.add(JSON.createObjectNode().put("config", refused.getMessage()));
        }
        for (JsonNode record : records) {
            ObjectNode answer = answers.addObject();
            RecordHeaders headers = new RecordHeaders();
            for (JsonNode header : record.get("headers")) {
                headers.add(header.get(0).asText(), header.get(1).asText().getBytes(StandardCharsets.UTF_8));
            }
            try {
                SchemaAndValue data = record.get("value").isNull()
                    ? new SchemaAndValue(null, null)
                    : DATA.toConnectData("t", record.get("value").asText().getBytes(StandardCharsets.UTF_8));
                byte[] bytes = converter.fromConnectData(record.get("topic").asText(), headers, data.schema(), data.value());
                answer.put("event", bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1));
                if (bytes != null) read(converter, record.get("topic").asText(), bytes, answer);
            } catch (Throwable failure) {
                answer.put("error", failure.getMessage());
            }
        }
        return answers;
    }

    private static void read(CloudEventsConverter converter, String topic, byte[] bytes, ObjectNode answer) {
        try {
            SchemaAndValue back = converter.toConnectData(topic, bytes);
            Object value = back.schema() == null ? sorted(back.value()) : back.value();
            answer.put("back", new String(DATA.fromConnectData("t", back.schema(), value), StandardCharsets.UTF_8));
        } catch (Throwable failure) {
            answer.put("unreadable", failure.getClass().getSimpleName());
        }
    }

    /** Structs, which maps without a schema cannot hold, as texts. */
    private static Object sorted(Object value) {
        if (value instanceof Struct struct) {
            return new String(DATA.fromConnectData("t", struct.schema(), struct), StandardCharsets.UTF_8);
        }
        if (!(value instanceof Map<?, ?> map)) return value;
        Map<Object, Object> ordered = new TreeMap<>();
        map.forEach((name, entry) -> ordered.put(name, sorted(entry)));
        return ordered;
    }

    /** In the place of AvroConverter: a zero, a number for each topic and schema, and JSON with its schema. */
    private static class Framed implements Converter {
        private final List<String> known = new ArrayList<>();

        @Override
        public void configure(Map<String, ?> config, boolean isKey) {
        }

        @Override
        public byte[] fromConnectData(String topic, Schema schema, Object value) {
            byte[] json = DATA.fromConnectData(topic, schema, value);
            String shape = topic + new String(json, StandardCharsets.UTF_8).split(",\"payload\":")[0];
            if (!known.contains(shape)) known.add(shape);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(0);
            out.writeBytes(ByteBuffer.allocate(4).putInt(known.indexOf(shape) + 1).array());
            out.writeBytes(json);
            return out.toByteArray();
        }

        @Override
        public SchemaAndValue toConnectData(String topic, byte[] bytes) {
            if (bytes == null) return SchemaAndValue.NULL;
            return DATA.toConnectData(topic, Arrays.copyOfRange(bytes, 5, bytes.length));
        }
    }
}
