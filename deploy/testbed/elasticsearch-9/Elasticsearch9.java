import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts a node on the settings of `es.path.conf`. The server's own main class cannot: it wants the agent that holds plugins to
 * their entitlements, which is not published, and arguments from its launcher, which is not either. Root may run it.
 */
public final class Elasticsearch9 {
  private static final int CLOSE_SECONDS = 8;

  public static void main(String[] args) throws Exception {
    LogConfigurator.registerErrorListener();
    LogConfigurator.configureESLogging(); // The settings are read by code that logs.
    Settings home = Settings.builder().put(Environment.PATH_HOME_SETTING.getKey(), System.getProperty("es.path.home")).build();
    Path config = Path.of(System.getProperty("es.path.conf"));
    Environment environment = InternalSettingsPreparer.prepareEnvironment(home, Map.of(), config, () -> "node");
    LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(environment.settings()));
    LogConfigurator.configure(environment, true);
    var modules = PluginsLoader.loadModulesBundles(environment.modulesDir(), false);
    Node node = new Node(environment, PluginsLoader.createPluginsLoader(modules, Set.of(), Map.of()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    new CountDownLatch(1).await();
  }

  private static void close(Node node) {
    try {
      node.prepareForClose();
      node.close();
      node.awaitClose(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
