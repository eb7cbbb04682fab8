using System.Globalization;
using System.Text.Json;

namespace Fabric.Gateway.Http.Schemas;

internal sealed class IntegerSchema(long min, long max, bool strings) : Schema
{
    public override SchemaError? Check(JsonElement value, SchemaPath path)
    {
        if (!Read(value, out var number))
        {
            return strings && value.ValueKind == JsonValueKind.String
                ? path.Error(value, $"{PythonRepr.Of(value)} does not match '^-?[0-9]+$'")
                : path.Error(value, $"{PythonRepr.Of(value)} is not of type 'integer'" + (strings ? ", 'string'" : ""));
        }

        if (number < min)
            return path.Error(value, $"{number} is less than the minimum of {min}");
        return number > max ? path.Error(value, $"{number} is greater than the maximum of {max}") : null;
    }

    private bool Read(JsonElement value, out decimal number)
    {
        number = 0;
        return value.ValueKind switch
        {
            // 1.0 is an integer to JSON schema; a number too large for decimal is out of every range we have.
            JsonValueKind.Number => value.TryGetDecimal(out number) && decimal.Truncate(number) == number,
            JsonValueKind.String => strings
                && decimal.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
    }
}

internal sealed class NumberSchema(double min, double max) : Schema
{
    public override SchemaError? Check(JsonElement value, SchemaPath path)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return path.Error(value, $"{PythonRepr.Of(value)} is not of type 'number'");
        var number = value.GetDouble();
        if (number < min)
            return path.Error(value, $"{value.GetRawText()} is less than the minimum of {min.ToString(CultureInfo.InvariantCulture)}");
        return number > max
            ? path.Error(value, $"{value.GetRawText()} is greater than the maximum of {max.ToString(CultureInfo.InvariantCulture)}")
            : null;
    }
}
