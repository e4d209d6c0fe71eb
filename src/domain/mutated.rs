//! Texts changed at random, the same ones in every run, for the tests of what reads texts.

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

/// Hands `count` texts to `check`: each is one of `samples` with one to four changes, made of `pieces` and of its own parts.
pub(crate) fn mutated(samples: &[&str], pieces: &[&str], count: usize, mut check: impl FnMut(&str)) {
    let mut random = Random(0x5eed_cafe);
    for _ in 0..count {
        let mut text: Vec<char> = samples[random.below(samples.len())].chars().collect();
        for _ in 0..=random.below(4) {
            change(&mut random, &mut text, samples, pieces);
        }
        let text: String = text.into_iter().take(5000).collect();
        check(&text);
    }
}

fn change(random: &mut Random, text: &mut Vec<char>, samples: &[&str], pieces: &[&str]) {
    let at = random.below(text.len() + 1);
    let end = (at + random.below(6)).min(text.len());
    let piece: Vec<char> = pieces[random.below(pieces.len())].chars().collect();
    match random.below(8) {
        0 => drop(text.drain(at..end)),
        1 => drop(text.splice(at..at, piece)),
        2 => drop(text.splice(at..end, piece)),
        3 => text.truncate(at),
        4 => {
            let own = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            text.splice(to..to, own);
        }
        5 => {
            let times = 1 + random.below(40);
            text.splice(at..at, piece.into_iter().cycle().take(times));
        }
        6 => {
            let other: Vec<char> = samples[random.below(samples.len())].chars().collect();
            let from = random.below(other.len() + 1);
            text.splice(at.., other[from..].iter().copied());
        }
        _ => {
            let any = u32::try_from(random.below(0x3000)).unwrap();
            text.insert(at, char::from_u32(any).unwrap_or('\u{fffd}'));
        }
    }
}
