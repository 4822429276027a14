import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node: `OpenSearchNode.java DIRECTORY HTTP_PORT TRANSPORT_PORT MAX_CONTENT_LENGTH`, until it is killed. */
class OpenSearchNode {
    public static void main(String[] args) throws InterruptedException {
        var runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> settings
            .put("http.port", args[1])
            .put("transport.port", args[2])
            .put("http.max_content_length", args[3])
            .put("network.host", "127.0.0.1")
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false));
        runner.build(OpenSearchRunner.newConfigs().basePath(args[0]).numOfNode(1).clusterName("test"));
        Thread.currentThread().join();
    }
}
