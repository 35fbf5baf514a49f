package io.tinyllm.cache.redis;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.util.concurrent.SingleThreadEventExecutor;

/**
 * Sends in one go what several threads have written: while more of it waits for the connection's thread, sending waits
 * too, so that many commands share a system call and Redis answers them together. What comes alone leaves at once.
 * Belongs to one connection and runs on its thread.
 */
final class FlushesTogether extends ChannelOutboundHandlerAdapter {

    private boolean due;

    @Override
    public void flush(ChannelHandlerContext context) {
        if (context.executor() instanceof SingleThreadEventExecutor thread && thread.pendingTasks() > 0) {
            if (!due) {
                due = true;
                thread.execute(() -> flushDue(context));
            }
        } else {
            due = false;
            context.flush();
        }
    }

    private void flushDue(ChannelHandlerContext context) {
        if (due) {
            due = false;
            context.flush();
        }
    }
}
