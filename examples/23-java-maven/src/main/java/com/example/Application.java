package com.example;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.commons.lang3.StringUtils;

public final class Application {
    private Application() {}

    public static void main(String[] arguments) throws IOException {
        Properties properties = new Properties();
        try (InputStream file = Application.class.getResourceAsStream("/application.properties")) {
            properties.load(file);
        }
        String greeting = StringUtils.capitalize(properties.getProperty("greeting"));
        String profile = System.getenv().getOrDefault("PROFILE", "development");
        byte[] page = (greeting + " (" + profile + ")\n").getBytes(StandardCharsets.UTF_8);

        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
    }
}
