package io.tinyllm.cache.springai;

import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.advisor.ChatModelCallAdvisor;
import org.springframework.ai.chat.client.advisor.ChatModelStreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Which model answers. A bean is known by its class and, where there are several, by its name, so that it is the same
 * in every process; a model that is no bean is known in this process only. Thread-safe.
 */
final class ModelIdentities {

    private static final @Nullable Field CALLED = field(ChatModelCallAdvisor.class);
    private static final @Nullable Field STREAMED = field(ChatModelStreamAdvisor.class);

    /** Apart from every other process. */
    private final String process = UUID.randomUUID().toString();

    private final ConfigurableListableBeanFactory beans;
    private final List<Stranger> strangers = new CopyOnWriteArrayList<>();
    private volatile Map<ChatModel, String> known = Map.of();
    private int number;

    ModelIdentities(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /** The model at the end of a chain, null where it does not show it. */
    static @Nullable ChatModel of(List<? extends Advisor> chain) {
        Advisor last = chain.isEmpty() ? null : chain.get(chain.size() - 1);
        Field field = last instanceof ChatModelCallAdvisor ? CALLED : STREAMED;
        boolean ends = last instanceof ChatModelCallAdvisor || last instanceof ChatModelStreamAdvisor;
        if (!ends || field == null) {
            return null;
        }
        try {
            return (ChatModel) field.get(last);
        } catch (IllegalAccessException e) {
            return null;
        }
    }

    private static @Nullable Field field(Class<?> advisor) {
        try {
            Field field = advisor.getDeclaredField("chatModel");
            return field.trySetAccessible() ? field : null;
        } catch (NoSuchFieldException | SecurityException e) {
            return null;
        }
    }

    /** The identity of a model, by which keys tell it from others. */
    String identity(ChatModel model) {
        String identity = known.get(model);
        return identity != null ? identity : look(model);
    }

    private synchronized String look(ChatModel model) {
        Map<ChatModel, String> found = new IdentityHashMap<>();
        String[] names = beans.getBeanNamesForType(ChatModel.class, true, false);
        for (String name : names) {
            if (beans.getSingleton(name) instanceof ChatModel bean) {
                String type = AopUtils.getTargetClass(bean).getName();
                found.put(bean, names.length == 1 ? type : type + "#" + name);
            }
        }
        known = Collections.unmodifiableMap(found);
        String identity = found.get(model);
        return identity != null ? identity : stranger(model);
    }

    private String stranger(ChatModel model) {
        List<Stranger> gone = new ArrayList<>();
        String identity = null;
        for (Stranger stranger : strangers) {
            ChatModel met = stranger.model.get();
            if (met == null) {
                gone.add(stranger);
            } else if (met == model) {
                identity = stranger.identity;
            }
        }
        strangers.removeAll(gone);
        if (identity == null) {
            identity = AopUtils.getTargetClass(model).getName() + "#" + process + "#" + number++;
            strangers.add(new Stranger(new WeakReference<>(model), identity));
        }
        return identity;
    }

    private record Stranger(WeakReference<ChatModel> model, String identity) {}
}
