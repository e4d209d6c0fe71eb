//! The metrics of a subject as a stream: what a score is computed from, and no more, for a catalog may have a million.

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgConnection, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Postgres, Type};
use uuid::Uuid;

use super::super::value::Time;
use crate::domain::metric::{Direction, Priority};
use crate::domain::number::Number;
use crate::domain::score::{Age, Measure};
use crate::error::{Error, Result};

/// A metric in one of the places where it counts.
#[derive(Debug)]
pub struct Placed {
    pub metric_id: Uuid,
    pub measure: Measure,
    pub function_code: Code,
    pub category_code: Option<Code>,
    /// The newest reading, UTC.
    pub recorded_at: Option<NaiveDateTime>,
    /// How often it is measured, as the sheet says.
    pub frequency: Option<String>,
}

/// A row as it comes over the wire: of target and bounds what the direction looks at. Each column of a million rows is felt.
#[derive(Debug)]
struct Row {
    id: Uuid,
    current_value: Option<Exact>,
    /// The target, or the lower bound of a range.
    target: Option<Exact>,
    upper: Option<Exact>,
    /// The direction's place among all, times three, and the priority's.
    kind: Option<i32>,
    is_assumed: Option<bool>,
    function_code: Code,
    category_code: Option<Code>,
    recorded_at: Time,
    frequency: Option<String>,
}

impl TryFrom<Row> for Placed {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let number = |exact: Option<Exact>| exact.and_then(|Exact(number)| number.finite());
        let (direction, priority) = row
            .kind
            .and_then(|kind| usize::try_from(kind).ok())
            .and_then(|kind| Some((*Direction::ALL.get(kind / 3)?, *Priority::ALL.get(kind % 3)?)))
            .ok_or_else(|| Error::failed(format!("direction or priority of the metric {} is none that cmf knows", row.id)))?;
        let (target, lower) = match direction {
            Direction::TargetRange => (None, row.target),
            _ => (row.target, None),
        };
        Ok(Placed {
            metric_id: row.id,
            measure: Measure {
                direction,
                priority,
                current: number(row.current_value),
                target: number(target),
                lower: number(lower),
                upper: number(row.upper),
                is_assumed: row.is_assumed.unwrap_or(false),
                age: Age::Fresh,
            },
            function_code: row.function_code,
            category_code: row.category_code,
            recorded_at: row.recorded_at.into(),
            frequency: row.frequency,
        })
    }
}

/// A code of a framework without a place of its own in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code {
    length: u8,
    bytes: [u8; Code::MOST],
}

impl Code {
    /// The 20 characters that the schema allows, of at most 4 bytes each.
    const MOST: usize = 80;

    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::MOST];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Code { length: u8::try_from(text.len()).ok()?, bytes })
    }

    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Type<Postgres> for Code {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(other: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(other)
    }
}

impl<'r> Decode<'r, Postgres> for Code {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&str as Decode<Postgres>>::decode(value)?;
        Code::new(text).ok_or_else(|| format!("the code `{text}` is longer than {} bytes", Code::MOST).into())
    }
}

/// A NUMERIC, read without a detour over a list of its digits.
#[derive(Debug)]
struct Exact(Number);

impl Type<Postgres> for Exact {
    fn type_info() -> PgTypeInfo {
        <Decimal as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Exact {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let read = match value.format() {
            PgValueFormat::Binary => numeric(value.as_bytes()?),
            PgValueFormat::Text => None,
        };
        match read {
            Some(number) => Ok(Exact(number.into())),
            None => Number::decode(value).map(Exact),
        }
    }
}

/// A NUMERIC of at most 18 digits from its binary form: count, weight, sign and scale, then digits of the base 10000, the first
/// of which stands for 10000 to the power of the weight. None for one that is longer or no number.
fn numeric(bytes: &[u8]) -> Option<Decimal> {
    let (head, digits) = bytes.split_first_chunk::<8>()?;
    let [count, weight, sign, scale] = head.as_chunks::<2>().0 else { return None };
    let (count, weight) = (i32::from(u16::from_be_bytes(*count)), i32::from(i16::from_be_bytes(*weight)));
    let (sign, scale) = (u16::from_be_bytes(*sign), u16::from_be_bytes(*scale));
    let negative = match sign {
        0x0000 => false,
        0x4000 => true,
        _ => return None,
    };
    let mut number: i64 = 0;
    for pair in digits.as_chunks::<2>().0 {
        number = number.checked_mul(10_000)?.checked_add(i64::from(u16::from_be_bytes(*pair)))?;
    }
    // Digits end before or behind the last decimal; behind it there are only zeros to take off.
    let behind = i32::from(scale) + 4 * (weight + 1 - count);
    let power = 10_i64.checked_pow(behind.unsigned_abs())?;
    let number = match behind {
        0.. => number.checked_mul(power)?,
        _ if number % power == 0 => number / power,
        _ => return None,
    };
    (scale <= 18).then(|| Decimal::new(if negative { -number } else { number }, u32::from(scale)))
}

/// Whether all readings are so few for these metrics that one walk over the index of all finds the newest of each sooner than a
/// look for each of them: a look costs as much as walking over ten to twenty. A reading takes about a hundred bytes. No more
/// metrics are counted than that takes.
async fn has_few_readings(conn: &mut PgConnection, catalog_id: Option<Uuid>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT h.size = 0 OR h.size / 100 <= 12 * (
               SELECT count(*) FROM (SELECT FROM metrics m WHERE m.catalog_id = $1 OR $1::uuid IS NULL AND m.catalog_id IS NULL
                                     LIMIT h.size / 1200 + 1) AS counted) AS "few!"
           FROM (SELECT coalesce((SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree('metric_history')),
                                 pg_relation_size('metric_history'))::bigint) AS h (size)"#,
        catalog_id
    )
    .fetch_one(conn)
    .await?)
}

/// Whether any item of a catalog says what a score looks at: how often its metric is measured, or what told its direction. Where
/// none does, the items are not looked at again: joining them takes a third of the time.
async fn items_say(conn: &mut PgConnection, catalog_id: Uuid) -> Result<bool> {
    let said: i64 = sqlx::query_scalar!(
        r#"SELECT count(*) AS "said!"
           FROM (SELECT FROM metric_catalog_items i
                 WHERE i.catalog_id = $1 AND i.original_data ?| ARRAY['source', 'parsed']
                   AND (i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL
                        OR i.original_data #> '{parsed,frequency}' IS NOT NULL)
                 LIMIT 1) AS first"#,
        catalog_id
    )
    .fetch_one(conn)
    .await?;
    Ok(said > 0)
}

/// Hands every metric of a catalog to `take`, once for each confirmed mapping to the framework; the rows of a metric follow one
/// another. The rows are taken as they arrive, so memory does not grow with the catalog.
pub async fn each_of_catalog(
    conn: &mut PgConnection,
    catalog_id: Uuid,
    framework_id: Uuid,
    mut take: impl FnMut(Placed),
) -> Result<()> {
    let has_few = has_few_readings(conn, Some(catalog_id)).await?;
    let items_say = items_say(conn, catalog_id).await?;
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT m.id, m.current_value AS "current_value: Exact",
                  CASE WHEN m.direction = 'target_range' THEN m.target_lower ELSE m.target_value END AS "target: Exact",
                  CASE WHEN m.direction = 'target_range' THEN m.target_upper END AS "upper: Exact",
                  CASE m.direction WHEN 'higher_is_better' THEN 0 WHEN 'lower_is_better' THEN 3 WHEN 'target_range' THEN 6
                       WHEN 'binary' THEN 9 END
                      + CASE m.priority WHEN 'High' THEN 0 WHEN 'Medium' THEN 1 WHEN 'Low' THEN 2 END AS kind,
                  i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL
                      AS is_assumed,
                  p.function_code AS "function_code: Code", p.category_code AS "category_code: Code",
                  CASE WHEN $3 THEN newest.recorded_at
                       ELSE (SELECT h.recorded_at FROM metric_history h WHERE h.metric_id = m.id
                             ORDER BY h.recorded_at DESC LIMIT 1) END AS "recorded_at!: Time",
                  i.original_data #>> '{parsed,frequency}' AS frequency
           FROM metrics m
           JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id AND p.framework_id = $2 AND p.is_confirmed
           LEFT JOIN metric_catalog_items i ON i.id = m.id AND $4
           LEFT JOIN (SELECT h.metric_id, max(h.recorded_at) AS recorded_at FROM metric_history h WHERE $3 GROUP BY h.metric_id)
               AS newest ON newest.metric_id = m.id
           WHERE m.catalog_id = $1
           ORDER BY m.id"#,
        catalog_id,
        framework_id,
        has_few,
        items_say
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row.try_into()?);
    }
    Ok(())
}

/// Hands every metric of the default library whose function is one of the framework's to `take`, as they arrive.
pub async fn each_of_library(conn: &mut PgConnection, framework_id: Uuid, mut take: impl FnMut(Placed)) -> Result<()> {
    let has_few = has_few_readings(conn, None).await?;
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT m.id, m.current_value AS "current_value: Exact",
                  CASE WHEN m.direction = 'target_range' THEN m.target_lower ELSE m.target_value END AS "target: Exact",
                  CASE WHEN m.direction = 'target_range' THEN m.target_upper END AS "upper: Exact",
                  CASE m.direction WHEN 'higher_is_better' THEN 0 WHEN 'lower_is_better' THEN 3 WHEN 'target_range' THEN 6
                       WHEN 'binary' THEN 9 END
                      + CASE m.priority WHEN 'High' THEN 0 WHEN 'Medium' THEN 1 WHEN 'Low' THEN 2 END AS kind,
                  NULL::boolean AS is_assumed, m.csf_function AS "function_code: Code", m.csf_category AS "category_code: Code",
                  CASE WHEN $2 THEN newest.recorded_at
                       ELSE (SELECT h.recorded_at FROM metric_history h WHERE h.metric_id = m.id
                             ORDER BY h.recorded_at DESC LIMIT 1) END AS "recorded_at!: Time", NULL::text AS frequency
           FROM metrics m
           LEFT JOIN (SELECT h.metric_id, max(h.recorded_at) AS recorded_at FROM metric_history h WHERE $2 GROUP BY h.metric_id)
               AS newest ON newest.metric_id = m.id
           WHERE m.catalog_id IS NULL AND m.csf_function IN (SELECT code FROM framework_functions WHERE framework_id = $1)"#,
        framework_id,
        has_few
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row.try_into()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The binary form that the server sends.
    fn sent(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).expect("a count");
        let head = [count.to_be_bytes(), weight.to_be_bytes(), sign.to_be_bytes(), scale.to_be_bytes()];
        head.into_iter().chain(digits.iter().map(|digit| digit.to_be_bytes())).flatten().collect()
    }

    #[test]
    fn a_numeric_is_read_from_its_digits() {
        for (bytes, expected) in [
            (sent(0, 0, 4, &[95]), Some("95.0000")),
            (sent(0, 0, 4, &[95, 1234]), Some("95.1234")),
            (sent(-1, 0, 4, &[1]), Some("0.0001")),
            (sent(0, 0x4000, 4, &[2, 5000]), Some("-2.5000")),
            (sent(0, 0, 0, &[]), Some("0")),
            (sent(0, 0, 4, &[]), Some("0.0000")),
            (sent(1, 0, 0, &[12]), Some("120000")),
            (sent(0, 0, 2, &[7, 2500]), Some("7.25")),
            (sent(2, 0, 4, &[999, 9999, 9999, 9999]), Some("99999999999.9999")),
            // Longer than 18 digits, more decimals than are said, and no number: left to the driver.
            (sent(6, 0, 0, &[1, 0, 0, 0, 0, 0, 1]), None),
            (sent(0, 0, 2, &[7, 2501]), None),
            (sent(0, 0xC000, 0, &[]), None),
            (vec![0; 7], None),
        ] {
            assert_eq!(numeric(&bytes).map(|number| number.to_string()).as_deref(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_code_is_its_text() {
        assert_eq!(Code::new("GOVERN 1").expect("a code").as_str(), "GOVERN 1");
        assert_eq!(Code::new(&"🜁".repeat(20)).expect("a code").as_str().chars().count(), 20);
        assert_eq!(Code::new(&"x".repeat(81)), None);
    }
}
