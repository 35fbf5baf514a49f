package io.tinyllm.cache.codec;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.Label;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;

/**
 * Proves from the code of a record's constructor that it stores each argument in its field and does nothing else. That
 * spares most records the check of each object. Where the code cannot be had, nothing is proven. Stateless.
 */
final class RecordProof {

    private RecordProof() {}

    static boolean keepsAll(Class<?> type, Constructor<?> constructor) {
        String file = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
        try (InputStream code = type.getResourceAsStream(file)) {
            if (code == null) {
                return false;
            }
            Finder finder = new Finder(Type.getConstructorDescriptor(constructor));
            new ClassReader(code).accept(finder, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
            return finder.steps != null && finder.steps.equals(expected(type));
        } catch (IOException | RuntimeException newerThanThis) {
            return false;
        }
    }

    /** The steps of a constructor as the compiler writes it where the record says nothing of its own. */
    private static List<String> expected(Class<?> type) {
        String owner = Type.getInternalName(type);
        List<String> steps = new ArrayList<>(List.of("load 0", "call java/lang/Record.<init>()V"));
        int slot = 1;
        for (RecordComponent component : type.getRecordComponents()) {
            Type kind = Type.getType(component.getType());
            steps.add("load 0");
            steps.add("load " + slot);
            steps.add("put " + owner + "." + component.getName() + kind.getDescriptor());
            slot += kind.getSize();
        }
        steps.add("return");
        return steps;
    }

    private static final class Finder extends ClassVisitor {

        private final String descriptor;
        private @Nullable List<String> steps;

        Finder(String descriptor) {
            super(SpringAsmInfo.ASM_VERSION);
            this.descriptor = descriptor;
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access, String name, String described, @Nullable String signature, String @Nullable [] exceptions) {
            if (!name.equals("<init>") || !described.equals(descriptor)) {
                return null;
            }
            List<String> found = new ArrayList<>();
            steps = found;
            return new Steps(found);
        }
    }

    /** The steps of a method; any that a constructor does not need is told as another. */
    private static final class Steps extends MethodVisitor {

        private final List<String> steps;

        Steps(List<String> steps) {
            super(SpringAsmInfo.ASM_VERSION);
            this.steps = steps;
        }

        private void other() {
            steps.add("other");
        }

        @Override
        public void visitInsn(int opcode) {
            steps.add(opcode == Opcodes.RETURN ? "return" : "other");
        }

        @Override
        public void visitVarInsn(int opcode, int slot) {
            steps.add(opcode >= Opcodes.ILOAD && opcode <= Opcodes.ALOAD ? "load " + slot : "other");
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            steps.add(opcode == Opcodes.PUTFIELD ? "put " + owner + "." + name + descriptor : "other");
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            steps.add("call " + owner + "." + name + descriptor);
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            other();
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            other();
        }

        @Override
        public void visitLdcInsn(Object value) {
            other();
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            other();
        }

        @Override
        public void visitIincInsn(int slot, int increment) {
            other();
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle method, Object... arguments) {
            other();
        }

        @Override
        public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
            other();
        }

        @Override
        public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
            other();
        }

        @Override
        public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
            other();
        }

        @Override
        public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
            other();
        }
    }
}
