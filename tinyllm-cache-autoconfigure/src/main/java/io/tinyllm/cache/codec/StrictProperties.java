package io.tinyllm.cache.codec;

import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.ValueSerializerModifier;

/**
 * Refuses to write what its property's type does not describe, such as a subclass of the declared class: it would come
 * back as something else.
 */
final class StrictProperties extends ValueSerializerModifier {

    private static final long serialVersionUID = 1L;

    @Override
    public List<BeanPropertyWriter> changeProperties(
            SerializationConfig config, BeanDescription.Supplier bean, List<BeanPropertyWriter> properties) {
        properties.replaceAll(property -> needsCheck(property) ? new Strict(property) : property);
        return properties;
    }

    private static boolean needsCheck(BeanPropertyWriter property) {
        return property.getClass() == BeanPropertyWriter.class
                && !property.hasSerializer()
                && !ValueTypes.isValue(property.getType().getRawClass())
                && TypeShape.isClosed(property.getType());
    }

    private static final class Strict extends BeanPropertyWriter {

        private static final long serialVersionUID = 1L;

        Strict(BeanPropertyWriter base) {
            super(base);
        }

        @Override
        public void serializeAsProperty(Object bean, JsonGenerator out, SerializationContext context) throws Exception {
            Object value = get(bean);
            if (!TypeShape.describes(getType(), value)) {
                throw new UnsupportedValueException(
                        bean.getClass().getName(), "its property " + getName() + " holds another type than declared");
            }
            super.serializeAsProperty(bean, out, context);
        }
    }
}
