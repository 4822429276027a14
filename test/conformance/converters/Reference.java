import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;

/** Writes every value and reads all bytes with every converter of Kafka Connect: see README.md. */
public class Reference {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonConverter DATA = new JsonConverter();

    private interface Write { byte[] write(SchemaAndValue data) throws Exception; }
    private interface Read { SchemaAndValue read(byte[] bytes) throws Exception; }

    public static void main(String[] args) throws Exception {
        DATA.configure(Map.of("schemas.enable", "true", "converter.type", "value"), false);
        List<String> values = Files.readAllLines(Path.of(args[1]));
        List<String> bytes = Files.readAllLines(Path.of(args[2]));
        try (PrintStream out = new PrintStream(Files.newOutputStream(Path.of(args[3])), false, "UTF-8")) {
            for (String line : Files.readAllLines(Path.of(args[0]))) {
                out.println(JSON.writeValueAsString(answers(JSON.readTree(line), values, bytes)));
            }
        }
    }

    /** A value each, then the bytes. */
    private static ArrayNode answers(JsonNode given, List<String> values, List<String> bytes) throws Exception {
        Map<String, String> config = new HashMap<>();
        given.get(2).properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        config.put("converter.type", given.get(1).asText());
        Object made = Class.forName(className(given.get(0).asText())).getDeclaredConstructor().newInstance();
        Write write;
        Read read;
        ArrayNode answers = JSON.createArrayNode();
        try {
            if (given.get(1).asText().equals("header")) {
                HeaderConverter converter = (HeaderConverter) made;
                converter.configure(config);
                write = data -> converter.fromConnectHeader("t", "h", data.schema(), data.value());
                read = some -> converter.toConnectHeader("t", "h", some);
            } else {
                Converter converter = (Converter) made;
                converter.configure(config, given.get(1).asText().equals("key"));
                write = data -> converter.fromConnectData("t", data.schema(), data.value());
                read = some -> converter.toConnectData("t", some);
            }
        } catch (Exception refused) {
            return answers.add(JSON.createObjectNode().put("config", refused.getMessage()));
        }
        for (String text : values) {
            SchemaAndValue data = text.equals("null") ? new SchemaAndValue(null, null) : DATA.toConnectData("t", text.getBytes(StandardCharsets.UTF_8));
            ObjectNode answer = answers.addObject();
            try {
                byte[] written = write.write(data);
                answer.put("bytes", written == null ? null : HexFormat.of().formatHex(written));
            } catch (Throwable failure) {
                fail(answer, failure);
            }
        }
        for (String hex : bytes) {
            ObjectNode answer = answers.addObject();
            try {
                SchemaAndValue data = read.read(hex.equals("null") ? null : HexFormat.of().parseHex(hex));
                byte[] text = DATA.fromConnectData("t", data.schema(), data.value());
                answer.put("data", text == null ? null : new String(text, StandardCharsets.UTF_8));
            } catch (Throwable failure) {
                fail(answer, failure);
            }
        }
        return answers;
    }

    private static String className(String given) {
        return given.startsWith("io.") ? given : "org.apache.kafka.connect." + given;
    }

    private static void fail(ObjectNode answer, Throwable failure) {
        answer.put("error", failure.getClass().getSimpleName()).put("message", failure.getMessage());
    }
}
