package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.ledger.RequestPrint;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.MessageType;

/** The digests of one request, made when they are first wanted: a hit has no use for them. Thread-safe. */
final class Prints {

    private final long[] fields;
    private final List<Message> messages;
    private volatile @Nullable RequestPrint print;

    /**
     * Creates it.
     * @param fields the digests of the fields of the request
     * @param messages its messages
     */
    Prints(long[] fields, List<Message> messages) {
        this.fields = fields;
        this.messages = messages;
    }

    RequestPrint get() {
        RequestPrint made = print;
        if (made == null) {
            made = RequestPrint.of(fields, system(), user());
            print = made;
        }
        return made;
    }

    private @Nullable String system() {
        StringBuilder text = null;
        for (Message message : messages) {
            if (message.getMessageType() == MessageType.SYSTEM && message.getText() != null) {
                text = text == null ? new StringBuilder() : text.append('\n');
                text.append(message.getText());
            }
        }
        return text == null ? null : text.toString();
    }

    private @Nullable String user() {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).getMessageType() == MessageType.USER) {
                return messages.get(i).getText();
            }
        }
        return null;
    }
}
